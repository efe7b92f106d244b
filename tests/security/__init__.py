"""Outside tools against the code and the running service: `make scan`."""
