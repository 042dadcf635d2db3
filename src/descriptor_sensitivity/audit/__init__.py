"""How well descriptors see the environments of a data set."""
