"""The statements of "Local invertibility and sensitivity of atomic structure-feature mappings".

Open Research Europe 1, 126 (2021). The tables that the rules read are named in `source`.
"""

from descriptor_sensitivity.claims.local import (
    by_structure,
    density,
    displacements,
    energy_models,
    higher_orders,
    singularities,
    theory,
)

CLAIMS = [
    *theory.CLAIMS,
    *singularities.CLAIMS,
    *displacements.CLAIMS,
    *energy_models.CLAIMS,
    *density.CLAIMS,
    *higher_orders.CLAIMS,
    *by_structure.CLAIMS,
]
"""In the order of the paper."""
