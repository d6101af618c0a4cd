"""What every package needs: addresses, times, texts, markup, settings, errors. Imports no other package."""
