"""Density correlations and overlap-matrix fingerprints, with analytic Jacobians."""
