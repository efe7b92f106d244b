"""The demo catalogue: invented organisations, their needs and achievements, and judged pairs."""
