"""The page of one audit: what was found on a data set, why, and what to do about it."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ase
import pandas as pd
import yaml
from markupsafe import Markup
from matplotlib.figure import Figure

from descriptor_sensitivity.audit.chunks import DataSet
from descriptor_sensitivity.audit.own_data import in_words
from descriptor_sensitivity.audit.structure_table import BLIND, LOW
from descriptor_sensitivity.audit.verdict import CAUSES, is_empty, verdicts
from descriptor_sensitivity.report.cells import condition_text
from descriptor_sensitivity.report.page import POLICY, chemiscope_library, environment

ADVICE = "Which n_max, l_max, sigma"
SECTIONS = (
    "Verdict",
    "What was audited",
    "Condition numbers",
    "Causes",
    "Worst environments",
    "Whole structures",
    "Left out",
    ADVICE,
    "How to reproduce",
)

WORST = 12
"""Structures of highest condition number that are listed, of each descriptor."""


@dataclass(frozen=True)
class Audit:
    """What one audit wrote.

    Attributes:
        dataset: its name.
        frames: the data set as it was cut.
        configuration: the sections `descriptors` and `audit` that give the same audit again.
        summary, structures, skipped: the tables of these names.
        worst: environments of `worst.xyz`.
    """

    dataset: str
    frames: DataSet
    configuration: Mapping[str, Any]
    summary: pd.DataFrame
    structures: pd.DataFrame
    skipped: pd.DataFrame
    worst: Sequence[ase.Atoms]

    @property
    def names(self) -> list[str]:
        """Of the descriptors, in order."""
        return list(self.summary["representation"].unique())

    @property
    def totals(self) -> dict[str, dict[str, Any]]:
        """Descriptor -> its counts over all species."""
        rows = self.summary[self.summary["species"] == "all"]
        return {row["representation"]: row for row in rows.to_dict("records")}

    @property
    def remarks(self) -> list[str]:
        """What a reader of the numbers of one species has to know."""
        if "remark" not in self.summary:
            return []
        said = self.summary[self.summary["remark"].notna()]
        return [f"{r.representation}, {r.species}: {r.remark}." for r in said.itertuples()]

    @property
    def potentials(self) -> list[str]:
        """Descriptors that are layers of a machine-learned potential."""
        settings = self.configuration["descriptors"]
        return [name for name in self.names if settings[name].get("kind") == "mlip"]

    @property
    def center_species(self) -> str | None:
        """The element that was centred on, None for every atom."""
        return self.configuration["audit"]["datasets"][self.dataset].get("center_species")


def audit_page(
    audit: Audit,
    figures: Mapping[str, Figure],
    viewers: Mapping[str, bytes],
    advice: Sequence[tuple[str, str, Figure]],
    forces: Sequence[tuple[str, str, Figure | None]],
    facts: pd.DataFrame,
) -> str:
    """The whole page, readable without a network.

    Args:
        figures: title -> drawing; none where nothing could be audited.
        viewers: title -> chemiscope file.
        advice: for each descriptor its name, what is advised, and a drawing.
        forces: for each potential its name, what came out of its forces, and a drawing if any.
        facts: of `report.provenance`.
    """
    empty = is_empty(audit.summary)
    needs = {"Condition numbers": not empty, "Causes": not empty, "Worst environments": not empty}
    needs |= {"Whole structures": not empty, ADVICE: bool(advice)}
    return (
        environment()
        .get_template("templates/audit.html.j2")
        .render(
            title=f"What descriptors see of {audit.dataset}",
            policy=POLICY,
            sections=[name for name in SECTIONS if needs.get(name, True)],
            audit=audit,
            verdicts=verdicts(audit.summary, audit.structures),
            descriptors={
                name: in_words(settings)
                for name, settings in audit.configuration["descriptors"].items()
            },
            potentials=audit.potentials,
            figures={title: svg(drawing) for title, drawing in figures.items()},
            causes=list(causes(audit)),
            worst=worst_environments(audit.worst),
            singular=any("to_singular" in atoms.arrays for atoms in audit.worst),
            structures={name: worst_structures(audit, name) for name in audit.names},
            left_out=left_out(audit.skipped),
            viewers=viewers,
            library=Markup(chemiscope_library() if viewers else ""),
            advice=[(name, text, svg(drawing)) for name, text, drawing in advice],
            advice_title=ADVICE,
            forces=[(name, text, drawing and svg(drawing)) for name, text, drawing in forces],
            facts=facts,
            overlay=yaml.safe_dump(dict(audit.configuration), sort_keys=False, allow_unicode=True),
        )
    )


def causes(audit: Audit) -> list[dict[str, Any]]:
    """The causes that were found: how often, what they mean, what to do, and the worst example."""
    found = []
    for kind, cause in CAUSES.items():
        counts = {name: int(row[kind.replace(" ", "_")]) for name, row in audit.totals.items()}
        if not any(counts.values()):
            continue
        examples = [atoms.info for atoms in audit.worst if atoms.info["diagnosis"] == kind]
        found.append(
            {
                "kind": kind,
                "counts": {name: count for name, count in counts.items() if count},
                "meaning": cause.meaning,
                "remedy": cause.remedy,
                "example": examples[0] if examples else None,
            }
        )
    return found


def worst_environments(worst: Sequence[ase.Atoms]) -> pd.DataFrame:
    """The worst environments of each diagnosis, one row each."""
    return pd.DataFrame(
        {
            "descriptor": [atoms.info["representation"] for atoms in worst],
            "diagnosis": [atoms.info["diagnosis"] for atoms in worst],
            "frame": [atoms.info["frame"] for atoms in worst],
            "atom": [f"{a.info['center']} ({a.symbols[0]})" for a in worst],
            "neighbours": [len(atoms) - 1 for atoms in worst],
            "CN": [_together(atoms.info["condition_number"]) for atoms in worst],
            "because": [atoms.info["because"] for atoms in worst],
            "nearby": [atoms.info.get("singular", "") for atoms in worst],
        }
    )


def left_out(skipped: pd.DataFrame) -> pd.DataFrame:
    """What was left out and why; atom -1 is a whole frame."""
    atoms = skipped["center"].astype(object).where(skipped["center"] >= 0, "all")
    columns = {"descriptor": skipped["representation"], "frame": skipped["frame"], "atom": atoms}
    return pd.DataFrame({**columns, "reason": skipped["reason"]})


def worst_structures(audit: Audit, name: str) -> pd.DataFrame:
    """Structures that all atoms together see badly, worst first."""
    mine = audit.structures[audit.structures["representation"] == name]
    mine = mine[mine["diagnosis"].isin([LOW, BLIND])]
    mine = mine.sort_values("condition_number", ascending=False, kind="stable").head(WORST)
    return pd.DataFrame(
        {
            "frame": mine["frame"],
            "atoms": mine["n_atoms"],
            "CN": [_together(number) for number in mine["condition_number"]],
            "diagnosis": mine["diagnosis"],
            "because": mine["because"],
        }
    )


def _together(condition: float) -> str:
    """A condition number that no line break parts."""
    return condition_text(condition).replace(" ", "\u00a0")


def svg(figure: Figure) -> Markup:
    """A drawing as part of a page: scalable, its text as shapes, without date or file names."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    return Markup(text[text.index("<svg") :])
