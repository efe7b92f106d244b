"""The demo catalogue: invented organisations, their needs and achievements, judged pairs, and work between them."""
