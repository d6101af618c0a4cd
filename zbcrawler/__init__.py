"""zbcrawler keeps an archive of the realtime news of Lianhe Zaobao (联合早报)."""
