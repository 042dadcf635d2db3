"""Every rule of the claims table can pass and can fail."""

import pandas as pd
import pytest

from claim_tables import tables
from descriptor_sensitivity.claims import comment as claims_comment
from descriptor_sensitivity.claims import local as claims_local
from descriptor_sensitivity.claims.judge import Untestable, judge, near, rows

CLAIMS = claims_local.CLAIMS + claims_comment.CLAIMS

OPEN = {claim.id for claim in CLAIMS if not claim.source}
"""Claims that no result can decide."""


def verdicts(agree: bool) -> pd.Series:
    return judge(tables(agree), CLAIMS).set_index("id")["verdict"]


AGREEING, DISAGREEING = verdicts(True), verdicts(False)

CONTRADICTED = {"comment.discrete_sets_only"}
"""The Comment's abstract says the opposite of its text, `comment.continuous_manifold`."""


@pytest.mark.parametrize("name", sorted(set(AGREEING.index) - OPEN - CONTRADICTED))
def test_rule_follows_the_results(name):
    assert AGREEING[name].startswith("reproduced"), AGREEING[name]
    assert DISAGREEING[name] == "differs", DISAGREEING[name]


@pytest.mark.parametrize("name", sorted(CONTRADICTED))
def test_rule_follows_the_results_where_a_paper_contradicts_itself(name):
    assert AGREEING[name] == "differs" and DISAGREEING[name] == "reproduced"


def test_missing_results_give_a_reason_and_no_verdict():
    found = judge({}, CLAIMS).set_index("id")["verdict"]
    assert found.str.startswith("cannot be tested: ").all()
    assert "`table1` was not computed" in found["local.similar_on_asymmetric"]


def test_claims_are_many_unique_and_read_known_tables():
    names = [claim.id for claim in CLAIMS]
    assert len(names) == len(set(names)) > 40
    assert {table for claim in CLAIMS for table in claim.tables} == set(tables(True))


@pytest.mark.parametrize(
    ("agree", "offset", "why"),
    [(True, 0.0, "no expl"), (False, 0.0, "misprint"), (False, 1e-3, "no expl")],
)
def test_a_misprint_is_what_the_corrected_formula_explains(agree, offset, why):
    gram = tables(agree)["theory_gram"]
    gram["corrected"] += offset
    equation = [claim for claim in CLAIMS if claim.id == "local.equation_7"]
    assert judge({"theory_gram": gram}, equation)["comment"].item().startswith(why)


def test_numbers_are_judged_by_their_ratio():
    assert near(1.04, 1.0, limit=2).verdict == "reproduced"
    assert near(0.6, 1.0, limit=2).verdict == "reproduced within a factor 1.7"
    assert near(2.1, 1.0, limit=2).verdict == "differs"
    assert near(0.0, 1.0, limit=2).verdict == "differs"


def test_rows_select_by_number_list_and_name_what_is_missing():
    table = pd.DataFrame({"sigma": [0.1, 0.30000000000000004], "run": ["20", "none"]})
    assert list(rows({"t": table}, "t", sigma=0.3).run) == ["none"]
    assert len(rows({"t": table}, "t", run=["20", "none"])) == 2
    with pytest.raises(Untestable, match=r"`t` has no row with sigma = 0.7"):
        rows({"t": table}, "t", sigma=0.7)
