"""The report's pieces: tables, claims, captions, the workflow's own records."""

import base64
import json
from pathlib import Path

import docutils.utils
import pandas as pd
import pytest

import write_report
from descriptor_sensitivity.report import page as report

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


def test_claims_are_escaped_and_link_to_their_source():
    page = report.claims_list(CLAIMS, "results/")
    assert "a &lt; b" in page and "a < b" not in page
    assert '<a href="tables/t.csv">tables/t.csv</a>: x' in page


def test_markdown_keeps_its_columns():
    text = report.markdown_table(pd.DataFrame({"a": ["x|y"], "b": [0.123456], "c": [None]}))
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
    page = report.table_1(frame)
    assert page.count("<tr>") == 3
    assert page.index("degenerate") < page.index("6270 (9600)") < page.index("asymmetric")


def test_a_faulty_caption_is_an_error():
    assert "<em>l</em>" in report.caption("The *l* of Y.")
    with pytest.raises(docutils.utils.SystemMessage):
        report.caption("An `unfinished role.\n\n.. nonsense::")


def test_rules_stand_right_of_what_they_need():
    edges = {"all": {"draw", "make"}, "draw": {"make"}, "make": set()}
    assert report.layers(edges) == [["make"], ["draw"], ["all"]]
    graph = report.rule_graph(edges)
    assert graph.count("<path") == 2, "make -> all is replaced by the way through draw"


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
    jobs = write_report.read_jobs(records)
    assert report.rule_edges(jobs) == {"make": set(), "draw": {"make"}}
    costs = report.rule_costs(jobs).set_index("rule")
    assert costs.loc["make", ["jobs", "total s", "memory MB"]].tolist() == [1, 2.0, 124.0]
    assert costs.loc["draw", "total s"] == 1.0


def test_data_belong_to_the_figure_with_the_longest_name(tmp_path):
    for name in ("fig4", "fig4_theory"):
        (tmp_path / f"{name}.png").touch()
    assert write_report.owner("fig4_theory_gram", tmp_path) == "fig4_theory"
    assert write_report.owner("fig4_left", tmp_path) == "fig4"
    assert write_report.owner("fig44", tmp_path) == ""


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("figures/fig1.png", "Figure 1"),
        ("figures/fig4_theory.png", "Figure 4 theory"),
        ("figures/comment_fig2.png", "Comment, Figure 2"),
        ("figures/fig_pedagogical.png", "Pedagogical"),
        ("audit/g2/audit.png", "Audit of g2"),
    ],
)
def test_figure_titles(name, title):
    assert write_report.figure_title(Path(name)) == title
