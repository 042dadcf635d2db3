"""Counterexamples that check themselves, and the verdict on any two structures."""
