"""A descriptor of one's own is one file and one line."""

import numpy as np
import pandas as pd
import pytest
import yaml
from ase.io import write

from descriptor_sensitivity.structures.methane import methane_frames, random_methane
from support import copy_project, snakemake

CODE = '''"""Powers of the inverse distances of all neighbours, summed."""

import numpy as np

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import Batch


class InverseDistances(Descriptor):
    """sum_j r_j^-(EXPONENT p), p = 1..n_max.

    Args:
        n_max: number of powers.
    """

    def __init__(self, cutoff: float, n_max: int = 3) -> None:
        self.powers = EXPONENT * np.arange(1, n_max + 1)

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        r = np.linalg.norm(batch.vectors, axis=-1)[..., None]
        values = (r**-self.powers).sum(1)
        slopes = -self.powers * r ** (-self.powers - 2)
        slopes = batch.vectors[..., None] * slopes[:, :, None]
        return values, slopes.reshape(len(r), -1, len(self.powers))


EXPONENT = 1
'''
OVERLAY = {
    "descriptors": {"own": {"kind": "inverse_distances", "cutoff": 4.0, "n_max": 3}},
    "audit": {
        "datasets": {"mine": {"path": "mine.xyz", "center_species": "C", "descriptors": ["own"]}}
    },
}
TABLE = "results/audit/mine/environments.csv"


@pytest.mark.slow
def test_a_new_descriptor_is_one_file_and_one_line(tmp_path):
    project = copy_project(tmp_path)
    package = project / "src/descriptor_sensitivity/descriptors"
    (package / "inverse_distances.py").write_text(CODE)
    kinds = package / "kinds.toml"
    line = 'inverse_distances = "descriptors.inverse_distances:InverseDistances"\n'
    kinds.write_text(kinds.read_text() + line)
    write(project / "mine.xyz", methane_frames(random_methane(9, seed=3)), format="extxyz")
    (project / "mine.yaml").write_text(yaml.safe_dump(OVERLAY))
    options = ("--configfile", "mine.yaml", "--", TABLE)

    done = snakemake(project, *options)
    assert done.returncode == 0, done.stderr[-3000:]
    first = pd.read_csv(project / TABLE)
    assert len(first) == 9
    assert np.isinf(first.condition_number).all()  # distances never see all 3N - 3 displacements
    assert (first.effective_rank <= 3).all()
    assert "Nothing to be done" in snakemake(project, *options).stderr

    (package / "inverse_distances.py").write_text(CODE.replace("EXPONENT = 1", "EXPONENT = 2"))
    done = snakemake(project, *options)
    assert done.returncode == 0, done.stderr[-3000:]
    assert (pd.read_csv(project / TABLE).s_max != first.s_max).all()
