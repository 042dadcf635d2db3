"""Adapters of other libraries: derivatives, order, refusals in one sentence.

Libraries that are not installed are skipped, and named.
"""

import importlib.metadata
from pathlib import Path

import numpy as np
import pytest
import yaml

from descriptor_sensitivity.adapters import base
from descriptor_sensitivity.adapters.base import central_differences
from descriptor_sensitivity.adapters.librascal import has_librascal
from descriptor_sensitivity.adapters.quippy import Quippy
from descriptor_sensitivity.config.peers import OURS, read_peers
from descriptor_sensitivity.descriptors.registry import build_descriptor, peers
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.peers import audit_library, structures
from descriptor_sensitivity.singular import decompose
from descriptor_sensitivity.theory import families

PEERS = peers()
SOAP = {"kind": "featomic_soap", "n_max": 4, "l_max": 4, "sigma": 0.3, "cutoff": 4.0}
ROOT = Path(__file__).resolve().parents[2]
SHEET = {
    name: settings
    for name, settings in yaml.safe_load((ROOT / "config" / "peers.yaml").read_text()).items()
    if settings["kind"] in PEERS and settings["kind"] != "librascal"
}
# ace-jax takes long to compile: small bases, and nu = 4 is left to the workflow
del SHEET["ACE ν=4"]
for name in ("ACE ν=2", "ACE ν=3"):
    SHEET[name] |= {"degree": 9, "n_max": 3, "l_max": 4}
SHEET["featomic expansion"] = {
    "kind": "featomic_expansion",
    "n_max": 3,
    "l_max": 3,
    "sigma": 0.3,
    "cutoff": 4.0,
    "spline_accuracy": None,
}


def representation(name: str):
    """The adapter of one row of the sheet, or a skip that names the missing library."""
    settings = SHEET[name]
    library = PEERS[settings["kind"]].library
    try:
        importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{library} is not installed (make peers)")
    return build_descriptor(name, settings)


@pytest.fixture
def batch():
    """Two unrelated environments of a carbon with two hydrogens and two oxygens."""
    vectors = np.random.default_rng(7).uniform(-1.3, 1.3, size=(2, 4, 3))
    return batch_from_vectors(vectors, species=[1, 1, 8, 8])


# QUIP's SO(4) bispectrum comes last: it spoils the SO(3) one for the rest of the process
ORDER = sorted(SHEET, key=lambda name: "SO(4)" in name)


@pytest.mark.parametrize("name", ORDER)
def test_jacobian_and_order(name, batch):
    peer = representation(name)
    features, jacobian = peer.jacobian(batch)
    assert jacobian.shape == (2, 12, features.shape[1])
    differences = central_differences(peer.features, batch)
    # DScribe's own analytic derivatives and QUIP's cosnx are good to a few 1e-10, no better
    assert np.abs(jacobian - differences).max() < 1e-9 * np.abs(jacobian).max()
    if peer.invariant:
        turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
        turned = peer.features(batch.moved(batch.vectors @ turn))
        assert np.abs(turned - features).max() < 1e-9 * np.abs(features).max()
        swapped = peer.features(batch.moved(batch.vectors[:, [1, 0, 3, 2]]))
        assert np.abs(swapped - features).max() < 1e-11 * np.abs(features).max()
        degenerate(peer)
        blind_to_the_centres_own_species(peer)


def degenerate(peer):
    """nu = 2 keeps the mirror pair together and is singular at its A0; higher orders do neither."""
    pair = batch_from_vectors(np.array([families.mirror(1), families.mirror(-1)]))
    plus, minus = peer.features(pair)
    together = np.linalg.norm(plus - minus) < 1e-12 * np.linalg.norm(plus)
    singular = batch_from_vectors(families.mirror_singular())
    values, _ = decompose(peer.jacobian(singular)[1], singular.vectors)
    blind = values[0, -1] < 1e-11 * values[0, 0]
    assert (together, blind) == ((True, True) if peer.nu == 2 else (False, False))


def blind_to_the_centres_own_species(peer):
    """Neither a density of the centre nor the environments of other atoms like it come in."""
    vectors = np.random.default_rng(5).uniform(-1.3, 1.3, size=(2, 4, 3))
    apart, same = (
        decompose(peer.jacobian(batch_from_vectors(vectors, center=center))[1], vectors)[0]
        for center in (6, 1)
    )
    np.testing.assert_allclose(same, apart, rtol=0, atol=1e-13 * apart.max())


def test_central_differences_are_of_order_8(batch):
    def features(batch):
        return np.sin(batch.vectors).reshape(len(batch), -1)

    exact = np.einsum("er,rf->erf", np.cos(batch.vectors.reshape(2, -1)), np.eye(12))
    coarse, fine = (
        np.abs(central_differences(features, batch, step) - exact).max() for step in (0.4, 0.2)
    )
    assert np.log2(coarse / fine) == pytest.approx(8, abs=0.2)


def test_missing_library_is_one_sentence(monkeypatch):
    def absent(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(base.importlib.metadata, "version", absent)
    with pytest.raises(InputError, match=r"^featomic is not installed; `make peers` installs it"):
        build_descriptor("mine", SOAP)


def test_wrong_version_is_one_sentence(monkeypatch):
    monkeypatch.setattr(base.importlib.metadata, "version", lambda name: "0.5.0")
    with pytest.raises(InputError, match=r"^featomic is installed as 0\.5\.0, but"):
        build_descriptor("mine", SOAP)


@pytest.mark.parametrize(
    ("kind", "settings", "words"),
    [
        ("featomic_soap", {"n_max": 20, "l_max": 4, "sigma": 0.05, "cutoff": 4.0}, "radial"),
        ("dscribe_soap", {"n_max": 8, "l_max": 21, "sigma": 0.3, "cutoff": 4.0}, "l_max"),
        ("dscribe_soap", {"n_max": 8, "l_max": 4, "sigma": -1.0, "cutoff": 4.0}, "greater than 0"),
        (
            "featomic_soap",
            {"n_max": 2, "l_max": 2, "sigma": 0.3, "cutoff": 4.0, "center_weight": -1.0},
            "`center_weight`: input should be greater than or equal to 0",
        ),
        ("quippy", {"descriptor": "fourier", "cutoff": 4.0}, "no descriptor `fourier`"),
        ("ace", {"nu": 2, "degree": 8, "cutoff": 0.5}, "ace-jax refuses"),
        ("qmllib_fchl19", {"n_max": 4, "l_max": 2}, "l_max"),
        ("soap", {}, "there is no kind of descriptor `soap`"),
        (
            "librascal",
            {"correlation": "tri", "n_max": 1, "l_max": 1, "sigma": 1, "cutoff": 1},
            "tri",
        ),
        (
            "librascal",
            {
                "correlation": "power",
                "n_max": 1,
                "l_max": 1,
                "sigma": 1,
                "cutoff": 1,
                "python": "/x",
            },
            "cannot import librascal",
        ),
    ],
)
def test_refusals_are_one_sentence(kind, settings, words):
    if kind in PEERS and kind != "librascal":
        pytest.importorskip({"ace": "ace_jax"}.get(kind, kind.split("_")[0]))
    with pytest.raises(InputError, match=words) as caught:
        peer = build_descriptor("mine", {"kind": kind, **settings})
        peer.jacobian(batch_from_vectors(families.tetrahedral(1.09)))
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text


def test_unknown_species_is_one_sentence():
    pytest.importorskip("quippy")
    batch = batch_from_vectors(families.tetrahedral(1.09), species=150)
    peer = build_descriptor(
        "mine", {"kind": "quippy", "descriptor": "cosnx n_max=2 l_max=2", "cutoff": 4.0}
    )
    with pytest.raises(InputError, match="element of atomic number 150"):
        peer.features(batch)


def test_quip_bispectra_are_kept_apart(batch, monkeypatch):
    pytest.importorskip("quippy")
    monkeypatch.setattr(Quippy, "_spoilt", True)
    peer = build_descriptor(
        "mine",
        {"kind": "quippy", "descriptor": "bispectrum_so3 n_max=2 l_max=2", "cutoff": 4.0},
    )
    with pytest.raises(InputError, match="wrong `bispectrum_so3`"):
        peer.features(batch)


def test_the_sheet_is_split_by_library():
    by_library = read_peers(ROOT / "config" / "peers.yaml")
    assert set(by_library) == {OURS, *(peer.library for peer in PEERS.values())}
    assert set(by_library["dscribe"]) == {"DScribe SOAP", "DScribe ACSF"}
    assert "OMFP" in by_library[OURS] and sum(map(len, by_library.values())) == 21


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: {kind: omfp}\nb: {kind: dscribe_sop}\n", "line 2: `b`.* did you mean `dscribe_soap`"),
        ("a: {kind: omfp}\n\nb: [1]\n", "line 3: `b` must hold a kind"),
        ("a: {n_max: 1}\n", "line 1: `a` must hold a kind"),
        ("a: {kind: omfp}\na: {kind: density}\n", "line 2: `a` stands here a second time"),
        ("a: {kind: [\n", "line 2"),
    ],
)
def test_faults_of_the_sheet_are_one_line(tmp_path, text, message):
    sheet = tmp_path / "peers.yaml"
    sheet.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_peers(sheet)
    assert str(caught.value).startswith(str(sheet)) and "\n" not in str(caught.value)


def test_a_descriptor_that_cannot_be_built_keeps_its_row_and_says_why():
    descriptors = {
        "ours": {"kind": "omfp", "cutoff": 6.0},
        "broken": {"kind": "omfp", "cutoff": -1.0},
    }
    table = audit_library(OURS, descriptors).set_index("representation")
    assert list(table.loc["ours"].structure.unique()) == list(structures())
    pairs = table.loc["ours"].query("structure == 'PRL pairs'")
    assert (pairs.separation > 1e-3).all() and (pairs.status == "ok").all()
    assert "cutoff" in table.loc["broken"].status and np.isnan(table.loc["broken"].s_min)


def test_librascal_runs_where_it_is_installed():
    if not has_librascal():
        pytest.skip("no Python with librascal (envs/librascal.yaml, LIBRASCAL_PYTHON)")
    settings = {"correlation": "power", "n_max": 3, "l_max": 3, "sigma": 0.3, "cutoff": 4.0}
    peer = build_descriptor("mine", settings | {"kind": "librascal", "spline_accuracy": None})
    vectors = np.random.default_rng(7).uniform(-1.3, 1.3, size=(2, 4, 3))
    batch = batch_from_vectors(vectors, species=[1, 1, 8, 8])
    jacobian = peer.jacobian(batch)[1]
    differences = central_differences(peer.features, batch)
    assert np.abs(jacobian - differences).max() < 1e-10 * np.abs(jacobian).max()


def test_ace_gives_an_environment_the_same_features_alone_and_among_many():
    pytest.importorskip("ace_jax")
    ace = build_descriptor("ace", {"kind": "ace", "nu": 2, "degree": 6, "cutoff": 4.0})
    many = batch_from_vectors(
        np.array([families.distorted(families.tetrahedral(1.1), 0.2, seed) for seed in range(9)])
    )
    together, alone = ace.jacobian(many), ace.jacobian(many[4:5])
    assert alone[1].shape[1] == 12
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one[0], other[4], atol=1e-12)


def test_ace_does_not_know_one_element_from_another():
    """Why the adapter compiles once for each number of them."""
    pytest.importorskip("ace_jax")
    ace = build_descriptor("ace", {"kind": "ace", "nu": 2, "degree": 4, "cutoff": 4.0})
    vectors = np.random.default_rng(0).normal(size=(1, 3, 3))
    there = np.zeros((1, 3), dtype=int), np.array([[0, 0, 1]]), np.ones((1, 3), dtype=bool)
    values = [
        np.asarray(
            ace._model.build_model(elements, **ace._settings).model.edge_jacobian_dense(
                vectors, *there
            )[1]
        )
        for elements in ([1, 2], [8, 79])
    ]
    assert np.abs(values[0]).max() > 0.1
    np.testing.assert_array_equal(*values)
