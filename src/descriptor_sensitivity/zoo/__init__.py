"""Counterexamples with cards: what confuses which descriptor, and a zoo that checks itself."""
