"""The report's pieces: tables, claims, captions, the workflow's own records."""

import base64
import json
import re
from pathlib import Path

import docutils.utils
import numpy as np
import pandas as pd
import pytest

import write_report
from descriptor_sensitivity.drawing.figures import FIGURES, figure
from descriptor_sensitivity.fingerprint import dependencies
from descriptor_sensitivity.report import page as report
from descriptor_sensitivity.report import provenance
from descriptor_sensitivity.report.cells import condition_text, markdown_table
from descriptor_sensitivity.report.verdict import by_section, verdict

CLAIMS = pd.DataFrame(
    {
        "id": ["local.a", "local.b", "comment.c", "comment.d"],
        "paper": "P",
        "section": "1",
        "claim": ["a < b", "two", "three", "four"],
        "printed": ["1", "2", "yes", "yes"],
        "ours": ["1", "3", "no", ""],
        "verdict": [
            "reproduced",
            "reproduced within a factor 1.5",
            "differs",
            "cannot be tested: no data",
        ],
        "comment": ["", "", "why", ""],
        "source": ["results/tables/t.csv: x", "", "results/tables/t.csv: y", ""],
    }
)


def test_each_verdict_is_counted_once():
    assert report.summary(CLAIMS) == dict.fromkeys(report.SYMBOLS, 1)


def render(**changed):
    empty = {"pictures": [], "tables": [], "viewers": {}, "folder": "results"}
    origin = provenance.provenance([], Path("nowhere"), {"seed": 1}, [])
    return report.page("T <1>", CLAIMS, **{**empty, **origin, **changed})


def test_claims_are_escaped_and_link_to_their_source():
    page = render()
    assert "a &lt; b" in page and "a < b" not in page and "T &lt;1&gt;" in page
    assert '<a href="tables/t.csv">tables/t.csv</a>: x' in page
    assert re.search(r'<article class="within" id="local.b">.*?≈ reproduced within', page, re.S)
    assert '<li><a href="#comment.c">three</a> Printed: yes. Here: no.</li>' in page


def test_changed_settings_are_said():
    assert "changed settings" not in render()
    assert "changed settings (a.yaml, b.yaml)" in render(overlays=["a.yaml", "b.yaml"])


def test_every_template_is_read_and_is_code_that_the_report_depends_on():
    templates = set((Path(report.__file__).parent / "templates").iterdir())
    assert {Path(report.__file__).parent / name for name in report.TEMPLATES} == templates
    assert templates <= dependencies(Path(write_report.__file__))


def test_a_condition_number_beyond_double_precision_has_no_digits():
    assert condition_text(2.5e15) == condition_text(np.inf) == "> 1e15"
    assert condition_text(1234.5) == "1.23e+03" and condition_text(9.9e14, ".0e") == "1e+15"


def test_markdown_keeps_its_columns():
    text = markdown_table(pd.DataFrame({"a": ["x|y"], "b": [0.123456], "c": [None]}))
    assert text == "| a | b | c |\n| --- | --- | --- |\n| x\\|y | 0.1235 |  |\n"


def test_table_1_has_one_line_per_structure_and_grid():
    frame = pd.DataFrame(
        {
            "structure": ["degenerate"] * 2 + ["asymmetric"] * 2,
            "grid": "3x3",
            "representation": ["nu2", "nu3"] * 2,
            "rmse_uev": [6270.0, 9.0, 1.0, 2.0],
            "printed_uev": [9600.0, 150.0, 89.0, 48.0],
        }
    )
    table = report.table_1(frame)
    assert list(table.structure) == ["degenerate", "asymmetric"]
    assert list(table.nu2) == ["6270 (9600)", "1 (89)"]


def test_a_faulty_caption_is_an_error():
    assert "<em>l</em>" in report.caption("The *l* of Y.")
    with pytest.raises(docutils.utils.SystemMessage):
        report.caption("An `unfinished role.\n\n.. nonsense::")


def test_rules_stand_right_of_what_they_need():
    edges = {"all": {"draw", "make"}, "draw": {"make"}, "make": set()}
    assert provenance.layers(edges) == [["make"], ["draw"], ["all"]]
    graph = provenance.rule_graph(edges)
    assert len(graph["paths"]) == 2, "make -> all is replaced by the way through draw"
    assert render(graph=graph).count("<path") == 2


def write_record(folder, output, rule, inputs, start, end, log):
    name = base64.urlsafe_b64encode(str(output).encode()).decode()
    entry = {"rule": rule, "input": inputs, "log": log, "starttime": start, "endtime": end}
    (folder / name).write_text(json.dumps(entry))


def test_jobs_come_from_records_of_files_that_exist(tmp_path):
    records = tmp_path / "metadata"
    records.mkdir()
    log = tmp_path / "make.log"
    log.with_suffix(".tsv").write_text("s\tmax_rss\n1.0\t123.5\n2.0\t100.0\n")
    for name in ("a", "b", "c"):
        (tmp_path / name).touch()
    a, b, c, gone = (str(tmp_path / name) for name in ("a", "b", "c", "gone"))
    write_record(records, a, "make", [], 0.0, 2.0, [str(log)])
    write_record(records, b, "make", [], 0.001, 2.0, [str(log)])
    write_record(records, c, "draw", [a, "elsewhere"], 2.0, 3.0, [])
    write_record(records, gone, "old", [c], 3.0, 4.0, [])
    jobs = provenance.read_jobs(records)
    assert provenance.rule_edges(jobs) == {"make": set(), "draw": {"make"}}
    costs = provenance.rule_costs(jobs).set_index("rule")
    assert costs.loc["make", ["jobs", "total s", "memory MB"]].tolist() == [1, 2.0, 124.0]
    assert costs.loc["draw", "total s"] == 1.0


def job(rule, inputs, outputs):
    return provenance.Job(rule, frozenset(inputs), frozenset(outputs), 1.0)


def test_only_jobs_behind_the_report_count():
    cut = job("cut", ["data.xyz"], ["mine/chunks"])
    audit = job("audit", ["mine/chunks/000.xyz"], ["mine/rows"])
    draw = job("draw", ["mine/rows"], ["mine/a.png"])
    other = job("draw", ["other/rows"], ["other/a.png"])
    found = provenance.behind(["mine/a.png"], [other, draw, audit, cut])
    assert found == [draw, audit, cut]
    assert provenance.rule_edges(found) == {"draw": {"audit"}, "audit": {"cut"}, "cut": set()}


def test_a_figure_has_the_title_caption_and_files_of_its_row(tmp_path):
    png = tmp_path / "figures" / "fig4_theory.png"
    png.parent.mkdir()
    png.write_bytes(b"png")
    row = figure("fig4_theory")
    made = write_report.picture(row, png, tmp_path)
    assert (made.title, made.caption) == (row.title, row.caption)
    parts = ["gram", "limit", "basis", "smearing"]
    data = [f"figures/data/fig4_theory_{part}.csv" for part in parts]
    assert list(made.links) == ["figures/fig4_theory.pdf", *data]
    page = render(pictures=[made])
    assert f"<h3>{row.title}</h3>" in page
    assert '<a href="figures/data/fig4_theory_gram.csv">fig4_theory_gram.csv</a>' in page


@pytest.mark.parametrize("row", FIGURES, ids=lambda row: row.name)
def test_rows_of_the_list_are_whole(row):
    assert report.caption(row.caption) and row.title and row.formula and row.panels
    assert max(map(len, row.caption.splitlines())) <= 100
    assert row.tables and not any(file.startswith("figures/") for file in row.tables.values())


def judged(*rows):
    names = ("kind", "paper", "section", "verdict")
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_the_verdict_counts_and_names_where_it_differs():
    claims = judged(
        ("reproduced", "A", "1", "reproduced"),
        ("within", "A", "2", "reproduced within a factor 1.5"),
        ("within", "B", "2", "reproduced within a factor 1.7"),
        ("differs", "B", "Fig. 2", "differs"),
        ("untested", "B", "3", "cannot be tested: why"),
    )
    text = verdict(claims)
    assert "Of 5 statements of the papers 1 came out as printed" in text
    assert "2 within a stated factor, at most 1.7; 1 differ, 1 cannot be tested" in text
    assert "A: 2 of 2" in text and "B: 1 of 3" in text
    assert "Of those that differ, 1 at Fig. 2 of B." in text and "elsewhere" not in text
    many = judged(*(("differs", "A", str(n), "differs") for n in range(5)))
    assert "2 elsewhere" in verdict(many)
    assert verdict([]) == "No statement is judged in this run."


def test_claims_stand_under_their_section_whatever_their_order():
    claims = judged(("differs", "B", "2", ""), ("differs", "A", "9", ""), ("differs", "B", "1", ""))
    claims.append({**claims[0], "kind": "within"})
    found = [(place, [one["kind"] for one in rows]) for place, rows in by_section(claims)]
    assert found == [
        ("B, 1", ["differs"]),
        ("B, 2", ["differs", "within"]),
        ("A, 9", ["differs"]),
    ]


def test_a_figure_leads_to_its_formula_tables_rule_and_script(tmp_path):
    row = figure("fig4")
    png = tmp_path / "figures/fig4.png"
    png.parent.mkdir()
    png.write_bytes(b"x")
    shown = write_report.picture(row, png, tmp_path)
    page = render(pictures=[shown])
    assert (tmp_path / shown.script).resolve().name == "fig4.py"
    assert (tmp_path / shown.script).resolve().is_file()
    assert '<a href="sensitivity/fig4.csv">' in page and '<a href="#rule-draw_fig4">' in page
    assert f'<a href="{shown.script}">fig4.py</a>' in page and row.formula in page


def test_an_audit_is_drawn_from_its_own_tables(tmp_path):
    png = tmp_path / "audit/mine/audit.png"
    png.parent.mkdir(parents=True)
    png.write_bytes(b"x")
    shown = write_report.picture(write_report.AUDIT, png, tmp_path, " of mine")
    assert "audit/mine/summary.csv" in shown.tables and shown.rule == "draw_audit"
