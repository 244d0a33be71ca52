"""What chapters tell of a ledger, by hand on a small one."""

import pandas as pd
import pytest
from conftest import OTHER, write_other

from exportedlabour.evidence import ledger, lineage, summaries


@pytest.fixture
def small(small_ledger):
    return ledger.read(small_ledger)


def test_links_have_what_both_figures_say_and_where_the_later_comes_from(small):
    links = summaries.links(small, lineage.graph(small)).set_index("figure_id")
    assert links.loc["CHN001", ["of", "earlier", "later", "origin"]].tolist() == [
        "RUS002",
        "about 20,000",
        "about 19,000",
        "RUS002",
    ]
    assert links.loc["CHN001", "by"] == "Somebody" != links.loc["CHN001", "whose"]


def test_head_counts_of_several_hosts_are_not_of_one(small):
    found = summaries.independent_heads(small)
    assert not found["hosts"].str.contains("+", regex=False).any()
    assert found["n_effective"].sum() <= found["n_figures"].sum()


def test_two_codings_agree_by_column(small):
    found = summaries.agreement(small.recoding).set_index("column")
    assert found["agreed"].to_dict() == {
        "quantity": 1.0,
        "scope": 1.0,
        "evidence class": 0.5,
        "use": 1.0,
    }
    assert list(summaries.coded_apart(small.recoding)["figure_id"]) == ["RUS001"]
    nothing = small.recoding[:0]
    assert summaries.agreement(nothing).empty and summaries.coded_apart(nothing).empty


def test_fitted_figures_that_were_read_again(small):
    fitted = int((small.figures["use"] == "fit").sum())
    assert summaries.fitted_and_checked(small) == (1, fitted)


def test_documents_houses_and_years(small, tmp_path):
    assert summaries.languages(small).to_dict() == {"Korean": 1}
    houses = summaries.houses(small)
    assert houses.iloc[0] == len(small.figures) - 1 and houses.index[0] == "Somebody"
    years = summaries.years(small)
    assert set(years.published) == {2017} and len(years.about) == len(small.figures)
    counts = years.counts().set_index("year")
    assert counts.loc[2017, "published"] == len(small.figures)
    assert counts["about"].sum() == len(small.figures)
    other = write_other(tmp_path / "other", OTHER)
    text = (other / "sources.bib").read_text(encoding="utf-8")
    dated = "  year = {2017},\n  note = {Published 2017-05-01},\n"
    bare = text.replace(dated, "").replace(dated.lstrip(), "")
    (other / "sources.bib").write_text(bare, encoding="utf-8")
    undated = summaries.years(ledger.read(other))
    assert undated.published.empty and len(undated.about) == len(OTHER)
    assert isinstance(undated.counts(), pd.DataFrame)
