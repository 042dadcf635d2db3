"""The statements of the Comment on quasi-constant manifolds, J. Chem. Phys. 157, 177101 (2022)."""

from descriptor_sensitivity.claims.comment import libraries, networks, orbits, singular

CLAIMS = [*singular.CLAIMS, *orbits.CLAIMS, *networks.CLAIMS, *libraries.CLAIMS]
"""In the order of the claims table."""
