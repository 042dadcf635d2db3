"""The four zeros: what counts as nothing, and why.

The first three are relative to the largest value of their kind, the last is a length. A number that
decides something else than "is this zero?" has its name where it is used.
"""

SVD_ROUNDING = 1e-13
"""Singular values below this part of s_max are rounding of the decomposition: about 100 eps for
Jacobians of some hundred rows, whose exact zeros come out between 1e-17 and 1e-14."""

NO_RESPONSE = 1e-10
"""|J^T u| below this part of s_max is no response to u: u itself, a singular vector or a theory's
prediction, is only good to about sqrt(eps) where singular values lie close together."""

DIRECTION_LOST = 1e-10
"""Vectors whose smallest singular value, or area over squared length, is below this part of the
largest span one dimension less: neighbours on a line, moves that repeat one another."""

COORDINATES = 1e-6
"""Å by which coordinates of an exact structure may be off if a file keeps seven decimals."""
