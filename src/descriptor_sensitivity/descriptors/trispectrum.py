r"""Symmetrised correlations of order nu = 4 of the neighbour density, on small bases.

Two density coefficients couple to angular momentum L, and two such pairs to an invariant:

    A_ab,LM = sum_m W(l_a l_b L; m_a m_b M) c_a,m_a c_b,m_b,     a, b = (channel n, l)
    t_ab,cd,L = sqrt(2L + 1) sum_M A_ab,LM A_cd,LM

with l_a + l_b + l_c + l_d even, so that reflections are symmetries. W is the 3j symbol for real
harmonics; where l_a + l_b + L is odd A is a pseudotensor, and two of them make a scalar. For given
l's the couplings L are orthonormal, so the scalar product of the features of two environments is
the average over rotations of the overlap of their densities to the fourth power, as for nu < 4
(paper 1, Eqs. 1-2). Features that occur k times by exchange of a and b, of c and d, or of the pairs
are kept once, times sqrt(k); couplings in another order (ac, bd) are kept, redundant as they are.
"""

from collections.abc import Iterator

import numpy as np

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.expansion import (
    Geometry,
    NeighborDensity,
    expansion,
    expansion_jacobian,
)
from descriptor_sensitivity.descriptors.radial import RadialBasis
from descriptor_sensitivity.descriptors.wigner import real_3j
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.gram.correlations import gram_blocks
from descriptor_sensitivity.gram.neighbors import LocalGram


class Trispectrum(Descriptor):
    """Density correlations of order 4 on a radial basis (which holds sigma, cutoff, n_max, l_max).

    The number of features grows like (n_max l_max)^4 l_max: n_max = 3, l_max = 3 has 13,000.
    """

    nu = 4

    def __init__(
        self, radial: RadialBasis, cutoff_width: float = 0.0, center_weight: float = 0.0
    ) -> None:
        if center_weight:
            raise InputError("`center_weight` is known for nu = 2 and 3; for nu = 4 leave it out.")
        self.name = "nu4"
        self._density = NeighborDensity(radial, cutoff_width)
        self._l_max = radial.l_max

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Features and Jacobian; features in Å^(-6), Jacobian per Å more."""
        geometry = Geometry(batch.vectors)
        radial, change = self._density.radial_functions(batch, geometry)
        flat = expansion(geometry, radial, self._l_max)
        slope = expansion_jacobian(geometry, radial, change, self._l_max)
        harmonics = (self._l_max + 1) ** 2
        # (e, row, channel, lm), row 0 the value and rows 1..3N its gradient
        both = np.concatenate([flat[:, None], slope], 1)
        both = both.reshape(len(batch), both.shape[1], -1, harmonics)
        features, gradients = [], []
        for parity in (0, 1):
            for degree in range(2 * self._l_max + 1):
                pairs = self._pairs(both, degree, parity)
                if pairs.shape[2] == 0:
                    continue
                value = np.sqrt(2 * degree + 1) * pairs[:, 0]
                first, second = np.triu_indices(value.shape[1])
                weight = np.where(first == second, 1.0, np.sqrt(2.0))
                gram = value @ pairs[:, 0].transpose(0, 2, 1)
                turned = pairs[:, 1:] @ value[:, None].swapaxes(2, 3)
                turned = turned + turned.swapaxes(2, 3)
                features.append(gram[:, first, second] * weight)
                gradients.append(turned[:, :, first, second] * weight)
        return np.concatenate(features, 1), np.concatenate(gradients, 2)

    def gram(self, batch: Batch) -> np.ndarray:
        """As in `Descriptor`, by an average over rotations."""
        out = np.empty((len(batch), *2 * (3 * batch.n_neighbors,)))
        for block, gram in self.local_grams(batch):
            out[block] = gram.cartesian()
        return out

    def local_grams(self, batch: Batch) -> Iterator[tuple[np.ndarray, LocalGram]]:
        """As in `Descriptor`."""
        return gram_blocks(self._density, batch, self.nu)

    def gram_pays(self, batch: Batch) -> np.ndarray:
        """All: there are thousands of features even on the smallest bases."""
        return np.ones(len(batch), dtype=bool)

    def block_size(self, batch: Batch) -> int:
        """One environment at a time: its Jacobian alone can fill the cache."""
        return 1

    def _pairs(self, both: np.ndarray, degree: int, parity: int) -> np.ndarray:
        """A_ab,LM and its gradient for l_a + l_b + L of one parity: (e, row, ab, M), a <= b."""
        channels = both.shape[2]
        parts = []
        for l1 in range(self._l_max + 1):
            for l2 in range(max(l1, abs(degree - l1)), min(self._l_max, degree + l1) + 1):
                if (l1 + l2 + degree) % 2 != parity:
                    continue
                symbol = real_3j(l1, l2, degree)
                a = both[..., l1**2 : (l1 + 1) ** 2]
                b = both[..., l2**2 : (l2 + 1) ** 2]
                # product rule: row 0 is c_a c_b, the others dc_a c_b + c_a dc_b
                pair = np.einsum("erap,ebq,pqM->erabM", a, b[:, 0], symbol, optimize=True)
                other = np.einsum("eap,erbq,pqM->erabM", a[:, 0], b, symbol, optimize=True)
                pair[:, 1:] += other[:, 1:]
                first, second = np.indices((channels, channels)).reshape(2, -1)
                keep = np.full(len(first), True) if l1 != l2 else first <= second
                if l1 == l2 and parity == 1:
                    keep = first < second
                first, second = first[keep], second[keep]
                same = (first == second) & (l1 == l2)
                weight = np.where(same, 1.0, np.sqrt(2.0))[:, None]
                parts.append(pair[:, :, first, second] * weight)
        if not parts:
            return np.zeros((*both.shape[:2], 0, 2 * degree + 1))
        return np.concatenate(parts, 2)
