"""Closed forms: null spaces, symmetry, limits, and families of structures."""
