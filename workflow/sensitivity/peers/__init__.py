"""Descriptors of other libraries on our `Representation` interface, one small class per library.

No library is needed to import this package: each is loaded when its adapter is built, and a library
that is missing, too old, or that refuses what it is asked for is one `InputError` sentence.
Settings carry our names (`n_max`, `l_max`, `sigma`, `cutoff`); every class says how it translates
them. docs/peers.md holds the translation table.
"""

from collections.abc import Sequence
from typing import Any

from ..environments import Batch
from ..errors import InputError
from .ace import Ace
from .base import Peer, central_differences
from .deepmd import DeepPotential
from .dscribe import DscribeAcsf, DscribeSoap
from .featomic import FeatomicExpansion, FeatomicSoap
from .librascal import Librascal
from .qmllib import Fchl19
from .quippy import Quippy, QuippySoap
from .torchani import Aev

PEERS: dict[str, type[Peer]] = {
    "featomic_expansion": FeatomicExpansion,
    "featomic_soap": FeatomicSoap,
    "dscribe_soap": DscribeSoap,
    "dscribe_acsf": DscribeAcsf,
    "quippy_soap": QuippySoap,
    "quippy": Quippy,
    "qmllib_fchl19": Fchl19,
    "torchani_aev": Aev,
    "deepmd": DeepPotential,
    "ace": Ace,
    "librascal": Librascal,
}
"""`kind` in the config -> adapter."""

__all__ = ["PEERS", "Peer", "build_peer", "central_differences"]


def build_peer(
    name: str,
    kind: str,
    settings: dict[str, Any],
    fit_batches: Sequence[Batch] | None = None,
) -> Peer:
    """The adapter `kind` with these settings; `name` is the representation's name in the config.

    `fit_batches` are environments for a library that fits its own optimal radial basis.
    """
    if kind not in PEERS:
        raise InputError(
            f"Representation `{name}`: there is no kind `{kind}`; choose one of"
            f" {', '.join(('density', 'omfp', 'smooth_omfp', *PEERS))}."
        )
    if settings.get("radial_basis") == "optimal":
        settings = {**settings, "fit_batches": fit_batches}
    try:
        return PEERS[kind](**settings)
    except TypeError as error:
        message = str(error).replace("__init__() ", "")
        raise InputError(f"Representation `{name}`: {message}.") from error
