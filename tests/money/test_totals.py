"""All the money of a build: what is written, whom it counts, and who has which part."""

import numpy as np
import pandas as pd
import pytest
from test_components import HOSTS, ONE, pay_of

from exportedlabour.assumptions import scenario
from exportedlabour.evidence import ledger
from exportedlabour.money import it, revenue, totals
from exportedlabour.project import find_root
from exportedlabour.results_form import TABLES

SETTINGS = scenario.load("baseline").settings
SECTORS = ("construction", "textiles")
YEARS = np.array([2016, 2017, 2018])


def of(folder, **changed):
    """The money of 100 workers in Russia and 200 in China, in three draws alike."""
    settings = scenario.Settings(dict(SETTINGS) | {"price_year": 2017} | changed)
    pay = pay_of(draws=3)
    share = np.broadcast_to([0.75, 0.25], (3, 2, 2))
    mix = revenue.Mix(share, np.ones((3, 2)), SECTORS)
    workers = np.broadcast_to([[100.0, 100.0, 100.0], [200.0, 200.0, 200.0]], (3, 2, 3))
    return totals.of(workers, HOSTS, YEARS, pay, mix, 2017, ledger.read(folder), settings)


def median(table, **of):
    chosen = table
    for name, value in of.items():
        chosen = chosen[chosen[name] == value]
    return chosen["median"].to_numpy()


def test_the_world_is_the_sum_of_its_hosts_and_of_its_sectors(small_ledger):
    made = of(small_ledger)
    of_state = {"definition": "state", "prices": "current", "year": 2017}
    # In Russia half owe 8,000 and half bring 1,500; in China each brings 1,500.
    assert median(made.by_host, host="RUS", **of_state) == pytest.approx(50 * 8000 + 50 * 1500)
    assert median(made.world, **of_state) == pytest.approx(50 * 8000 + 250 * 1500)
    assert median(made.by_sector, **of_state).sum() == pytest.approx(50 * 8000 + 250 * 1500)
    assert not made.with_it and (made.peak, list(made.years)) == (2017, list(YEARS))


def test_it_workers_are_in_the_totals_only_where_the_scenario_says_so(small_ledger):
    apart, together = of(small_ledger), of(small_ledger, include_it="yes")
    assert set(together.by_host["host"]) - set(apart.by_host["host"]) == {it.LABEL}
    assert set(together.by_sector["sector"]) - set(apart.by_sector["sector"]) == {it.LABEL}
    of_state = {"definition": "state", "prices": "current", "year": 2017}
    both = median(apart.world, **of_state) + median(together.by_host, host=it.LABEL, **of_state)
    assert median(together.world, **of_state) == pytest.approx(both)
    pd.testing.assert_frame_equal(apart.pay_by_host, together.pay_by_host)


def test_the_parts_of_gross_pay_are_told_of_the_largest_hosts_first(small_ledger):
    made = of(small_ledger)
    assert list(made.division["host"]) == ["CHN", "RUS"]
    china = made.division.iloc[0]
    assert china["state"] == pytest.approx(ONE["state"])
    assert china["worker"] == pytest.approx(1 - ONE["withheld"])
    assert made.division[["state", "worker", "others"]].sum(axis=1).to_list() == [1.0, 1.0]
    gross = median(made.pay_by_host, host="CHN", definition="gross")
    assert gross == pytest.approx(ONE["wage"] * ONE["months"] / 12)


def test_what_is_written_has_the_form_of_the_results(small_ledger, tmp_path):
    totals.write(tmp_path, of(small_ledger))
    written = sorted(path.stem for path in tmp_path.glob("*.csv"))
    assert written == [
        "it_year",
        "pay_by_host",
        "revenue_host_year",
        "revenue_sector_year",
        "revenue_world_year",
    ]
    published = find_root() / "results" / "revenue_world_year.csv"
    for name in set(written) & set(TABLES):
        table = pd.read_csv(tmp_path / f"{name}.csv")
        assert len(table) and not table.isna().any().any()
    world = pd.read_csv(tmp_path / "revenue_world_year.csv")
    assert list(world.columns) == list(pd.read_csv(published).columns)
