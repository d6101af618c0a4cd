"""What every other package may use: addresses, times, texts, markup, errors. Imports nothing above."""
