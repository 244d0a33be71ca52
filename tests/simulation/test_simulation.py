"""The simulator: its draws have the moments that the prior says, its figures are those of the
likelihood, its ledgers are valid and their truth is beside them."""

import json
from dataclasses import make_dataclass, replace

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy import stats
from test_cli import run

from exportedlabour.assumptions import scenario
from exportedlabour.assumptions.scenario import Settings
from exportedlabour.evidence import ledger
from exportedlabour.evidence.classes import registry
from exportedlabour.evidence.events import SHOCKS
from exportedlabour.evidence.hosts_apart import UNPOOLED
from exportedlabour.evidence.reading import READING_KINDS, middle_date
from exportedlabour.money import observations as money_design
from exportedlabour.project import InputError
from exportedlabour.simulation import calibration, make, prior, reporting, worlds, write
from exportedlabour.workers import observations as workers_design
from exportedlabour.workers.account import memory

EXACT, INTERVAL, LOWER, UPPER = (
    READING_KINDS.index(kind) for kind in ("exact", "interval", "lower", "upper")
)
Bounds = make_dataclass(
    "Bounds", ["kind", "lower", "upper"]
)  # what of a design says how a value is seen


@pytest.fixture(scope="module")
def settings():
    return scenario.load(root=ROOT).settings


@pytest.fixture(scope="module")
def real(settings):
    return workers_design.build(ledger.read(ROOT / "data"), settings)


@pytest.fixture(scope="module")
def simulated(settings):
    """One simulation of every world, made when it is first asked for."""
    made = {}

    def of(name):
        if name not in made:
            made[name] = make.make(name, 7, settings, hosts=20, figures=200)
        return made[name]

    return of


def written(simulation, folder):
    write.write(simulation, folder)
    return ledger.read(folder)


# --- the prior ------------------------------------------------------------------------------------


def test_paths_have_the_moments_of_the_prior(settings):
    """Closed forms: level, stationary steps, shocks. Steps are log-normal in scale, so their mean
    square is median^2 exp(2 variance)."""
    hosts, years = ("AAA", "CHN"), np.arange(2005, 2027)
    drawn = prior.draw_stock(hosts, years, settings, np.random.default_rng(1), draws=60_000)[
        "log_stock"
    ]
    s = settings
    pooled_square = s.step_scale_median**2 * np.exp(
        2 * (s.step_scale_log_sd**2 + s.step_scale_median_log_sd**2)
    )
    own_square = s.step_scale_median**2 * np.exp(2 * s.step_scale_log_sd**2)
    level_variance = (
        s.level_log_mean[1] ** 2 + s.level_log_sd**2
    )  # E[z^2] of a half-normal is its scale squared
    before = level_variance + pooled_square / (1 - s.pull**2)
    sanctions = s.shock_sanctions[1] ** 2 + s.shock_host_sd**2
    for host, year, mean, variance in [
        (0, 2005, s.level_log_mean[0], before),
        (0, 2017, s.level_log_mean[0], before),
        (0, 2019, s.level_log_mean[0] + s.shock_sanctions[0], before + sanctions),
        (1, 2005, s.start_log_large[0], s.start_log_large[1] ** 2),
        (1, 2017, s.start_log_large[0], s.start_log_large[1] ** 2 + 12 * own_square),
    ]:
        values = drawn[:, host, year - 2005]
        assert values.mean() == pytest.approx(mean, abs=4.5 * np.sqrt(variance / len(values)))
        assert values.var() == pytest.approx(variance, rel=0.05)


def test_offsets_have_the_moments_of_the_prior(real, settings):
    drawn = prior.draw_prior(real, settings, np.random.default_rng(2), draws=20_000)
    anchor = real.biases.index("register_open")
    assert drawn["bias"][:, anchor].mean() == pytest.approx(
        settings.bias_register_open[0], abs=0.004
    )
    assert drawn["bias"][:, anchor].std() == pytest.approx(settings.bias_register_open[1], rel=0.03)
    assert np.median(drawn["error"][:, anchor]) == pytest.approx(
        settings.error_register_open, rel=0.02
    )
    assert np.log(drawn["error"]).std(axis=0) == pytest.approx(settings.error_log_sd, rel=0.04)
    assert drawn["house_effect"][:, 0].std() == pytest.approx(settings.house_sd, rel=0.04)
    assert drawn["house_sd"].mean() == pytest.approx(
        settings.house_sd * np.sqrt(2 / np.pi), rel=0.03
    )
    china = np.array([host == "CHN" for host, _ in real.host_classes])
    assert drawn["host_class_effect"][:, china].std() == pytest.approx(
        settings.host_class_sd_china, rel=0.03
    )
    assert drawn["host_class_effect"][:, ~china].std() == pytest.approx(
        settings.host_class_sd, rel=0.05
    )
    world = np.log(np.exp(drawn["log_stock"]).sum(axis=1))
    assert (drawn["log_world"] - world).mean() == pytest.approx(
        settings.coverage_world[0], abs=0.001
    )


def test_world_of_the_prior_holds_hosts_that_nobody_counted(real, settings):
    """The median is of the size of published totals, and nothing is lost in the sum."""
    years = np.isin(real.years, range(2013, 2018))
    world, cut = prior.prior_world(real, settings, np.random.default_rng(3), draws=2000)
    assert 0.01 < cut < 0.15 and world.max() <= settings.world_limit
    assert world.shape == (2000, len(real.years)) and (world > 0).all()
    assert 20_000 < np.median(world[:, years]) < 200_000
    counted, _ = prior.prior_world(
        replace(real, predictive=()), settings, np.random.default_rng(3), draws=2000
    )
    assert 1.0 < np.median(world[:, years]) / np.median(counted[:, years]) < 1.5


def test_a_limit_that_hardly_any_prior_world_keeps_is_refused(real, settings):
    """At a thousand workers in every year there would be next to nothing to show."""
    with pytest.raises(InputError, match="world_limit is 1,000; of 500 draws from the priors only"):
        prior.prior_world(
            real,
            Settings(dict(settings) | {"world_limit": 1000}),
            np.random.default_rng(3),
            draws=50,
        )


def test_figures_are_those_of_the_reference_model(real, settings):
    """At parameters drawn here, the paths and the log likelihood of PyMC's model are the ones
    computed here."""
    import pymc as pm

    from exportedlabour.workers import priors, reference

    again, truth = calibration.resimulate(real, settings, np.random.default_rng(4))
    model = reference.build(again, priors.build(again, settings))
    outputs = model.replace_rvs_by_values([model["log_stock"], model.potentials[0]])
    compiled = pm.pytensorf.compile(
        model.value_vars, outputs, mode="FAST_COMPILE", on_unused_input="ignore"
    )
    log_stock, log_likelihood = compiled(
        *[_value(name.name, truth, real, settings) for name in model.value_vars]
    )
    assert log_stock == pytest.approx(truth["log_stock"], abs=1e-8)

    drawn = {name: value[None] for name, value in truth.items()}
    expected = prior.expected_log_figures(again, drawn)[0]
    scale = prior.error_scale(again, settings, drawn, again.counting)[0]
    below, above = (
        stats.t.cdf((bound - expected) / scale, settings.error_df)
        for bound in (again.lower, again.upper)
    )
    density = stats.t.logpdf((again.lower - expected) / scale, settings.error_df) - np.log(scale)
    own = np.where(
        again.kind == EXACT, density, np.log(np.where(again.kind == EXACT, 1.0, above - below))
    )
    assert float(log_likelihood) == pytest.approx(own.sum(), rel=1e-6)


def _value(name, truth, design, settings):
    """Return a value of the reference's own variable, from what was drawn here."""
    name, logged = name.removesuffix("_log__"), name.endswith("_log__")
    large = np.array([host in UNPOOLED for host in design.hosts])
    if name == "step_scale_z":
        median = np.where(large, np.log(settings.step_scale_median), truth["log_step_median"])
        return (np.log(truth["step_scale"]) - median) / settings.step_scale_log_sd
    if name == "shock_z":
        own = np.array([[shock == "reopening" and host for shock in SHOCKS] for host in large])
        return (truth["host_shock"] - truth["shock"]) / np.where(
            own, settings.reopening_large_sd, settings.shock_host_sd
        )
    if name == "step_z":
        after = np.array(
            [design.years >= year for year in design.dates.shocks.values()], dtype=float
        )
        walked = (
            truth["log_stock"] - truth["level"][:, None] - truth["host_shock"] @ after
        ) / truth["step_scale"][:, None]
        pooled, free = memory(
            design.years,
            settings.pull,
            settings.border_closed_factor,
            settings.border_reopened_factor,
        )
        return np.array(
            [
                np.linalg.lstsq(free if big else pooled, path, rcond=None)[0]
                for big, path in zip(large, walked)
            ]
        )
    if name in ("house_z", "lineage_z", "host_class_z"):
        group = name.removesuffix("_z")
        spread = np.full(truth[f"{group}_effect"].shape, truth[f"{group}_sd"])
        if group == "host_class":
            spread[[host == "CHN" for host, _ in design.host_classes]] = (
                settings.host_class_sd_china
            )
        return truth[f"{group}_effect"] / spread
    return np.log(truth[name]) if logged else truth[name]


# --- the real design, with new values
# ---------------------------------------------------------------


def test_resimulation_keeps_the_structure_and_the_same_seed_gives_the_same(real, settings):
    again, truth = calibration.resimulate(real, settings, np.random.default_rng(5))
    twin, _ = calibration.resimulate(real, settings, np.random.default_rng(5))
    assert np.array_equal(again.lower, twin.lower) and np.array_equal(again.kind, twin.kind)
    for name in (
        "weights",
        "margin",
        "bias",
        "coarse",
        "counting",
        "house",
        "lineage",
        "host_class",
    ):
        assert getattr(again, name) is getattr(real, name)
    assert ((again.kind >= LOWER) == (real.kind >= LOWER)).all() and (
        (again.kind == EXACT) == (real.kind == EXACT)
    ).all()
    assert truth["log_stock"].shape == (len(real.hosts), len(real.years))


def test_bounds_hold_as_often_as_the_likelihood_says(real, settings):
    """The indicator of a one-sided figure is a coin whose chance is the likelihood's; likewise the
    cell of the real interval."""
    rng = np.random.default_rng(6)
    draws, counts, cells = 1500, np.zeros(len(real.kind)), np.zeros(len(real.kind))
    drawn = prior.draw_prior(real, settings, rng, draws)
    values = prior.draw_figures(real, settings, drawn, rng, counting=real.counting)
    for row in values:
        seen = calibration.observe(real, row)
        counts += seen.kind == LOWER
        cells += np.isclose(seen.lower, real.lower) & (seen.kind == INTERVAL)
    expected = prior.expected_log_figures(real, drawn)
    scale = prior.error_scale(real, settings, drawn, real.counting)
    below, above = (
        stats.t.cdf((bound - expected) / scale, settings.error_df).mean(axis=0)
        for bound in (real.lower, real.upper)
    )
    for kind, seen, chance in [
        (LOWER, counts, 1 - below),
        (UPPER, counts, 1 - above),
        (INTERVAL, cells, above - below),
    ]:
        rows = real.kind == kind
        standard = (seen[rows] / draws - chance[rows]) / np.sqrt(
            chance[rows] * (1 - chance[rows]) / draws
        )
        assert rows.sum() > 20 and np.abs(standard).max() < 4.5 and abs(standard.mean()) < 1.0


@given(st.lists(st.floats(-3, 15), min_size=8, max_size=8))
@hypothesis_settings(max_examples=50, deadline=None)
def test_what_is_seen_holds_the_value(values):
    values = np.array(values)
    kind = np.array([EXACT, INTERVAL, INTERVAL, LOWER, UPPER, UPPER, LOWER, INTERVAL])
    lower = np.array([5.0, 4.0, 6.0, 3.0, -np.inf, -np.inf, 8.0, 1.0])
    upper = np.array([5.0, 4.2, 7.0, np.inf, 2.3, 9.0, np.inf, 1.01])
    seen = calibration.observe(Bounds(kind, lower, upper), values)
    assert (seen.lower <= values + 1e-9).all() and (values <= seen.upper + 1e-9).all()
    cells = kind == INTERVAL
    assert (seen.upper - seen.lower)[cells] == pytest.approx((upper - lower)[cells])
    moved = (seen.lower[cells] - lower[cells]) / (upper[cells] - lower[cells])
    assert moved == pytest.approx(np.round(moved), abs=1e-6)


# --- how numbers are told
# -----------------------------------------------------------------------------

FORMS = [form[1:] for each in registry().classes.values() for form in each.simulated.forms]


@given(st.floats(0, 14), st.sampled_from(FORMS), st.integers(0, 2**32 - 1))
@hypothesis_settings(max_examples=300, deadline=None)
def test_what_is_told_is_read_back(log_value, form, seed):
    """The interval in which the model reads a told number holds the value that the asserter
    believed in."""
    quantity, scope, bound = form
    cells = reporting.tell(log_value, quantity, scope, bound, 10.0, np.random.default_rng(seed))
    numbers = {name: float(cells[name] or "nan") for name in ("low", "point", "high")}
    row = pd.Series({"quantity": quantity, "scope": scope, "bound": cells["bound"], **numbers})
    kind, low, high, margin, coarse = workers_design.reading(row, 10.0)
    value = np.exp(log_value)
    if quantity in ("quota", "residents") and scope == "national":
        assert kind == "upper" and high >= value - 0.5
    elif quantity == "repatriated" or scope != "national":
        assert kind == "lower" and low <= max(1.5 * value, 1.0)  # rounding may lift a part by half
    elif value < 10:
        assert (kind, high, cells["point"]) == ("upper", 10.0, "0")
    elif bound == "order_of_magnitude":
        assert coarse and abs(np.log10(low / value)) <= 0.5 + 1e-9
    else:
        assert low - 0.5 <= value <= high + 0.5
        assert margin == {"at_least": -1, "at_most": 1}.get(bound, 0)


def test_rounding_is_by_significant_digits():
    assert [reporting.rounded(30_023, digits) for digits in (1, 2)] == [30_000, 30_000]
    assert [reporting.rounded(1_234, digits) for digits in (1, 2)] == [1_000, 1_200]
    told = [
        reporting.tell(
            np.log(47_312), "stock_workers", "national", "about", 10, np.random.default_rng(k)
        )["point"]
        for k in range(40)
    ]
    assert set(told) == {"50000", "47000"}
    assert (
        reporting.tell(
            np.log(47_312), "work_permits", "national", "exact", 10, np.random.default_rng(1)
        )["point"]
        == "47312"
    )


@given(
    st.floats(10, 1e6),
    st.floats(10, 1e6),
    st.sampled_from(reporting.RANGE_RATIOS),
    st.floats(0, 0.999),
)
@hypothesis_settings(max_examples=200, deadline=None)
def test_ranges_lie_end_to_end(one, other, ratio, offset):
    """Two values are in one range or in ranges that do not overlap: the ends depend on no value."""
    first, second = sorted(reporting.range_around(value, ratio, offset) for value in (one, other))
    assert first[0] <= min(one, other) < first[1]
    assert first == second or first[1] <= second[0]


# --- ledgers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", worlds.WORLDS)
def test_every_world_is_a_valid_ledger_that_the_models_can_read(
    simulated, settings, tmp_path, name
):
    made = simulated(name)
    read = written(made, tmp_path / name)
    design = workers_design.build(read, settings)
    assert design.hosts and np.isfinite(design.weights).all() and not np.isnan(design.lower).any()
    assert (worlds.WORLDS[name].hosts or 20) == len(design.hosts)
    heads = read.figures["quantity"].isin(ledger.HEAD_COUNTS)
    assert heads.sum() == (worlds.WORLDS[name].figures or 200)
    assert ("CHN" in design.hosts and "RUS" in design.hosts) == worlds.WORLDS[name].large
    if name != "one-figure":
        assert len(money_design.build(read, settings).figures) > 10


def test_the_truth_is_beside_the_ledger(simulated, tmp_path):
    made = simulated("plain")
    read = written(made, tmp_path / "there")
    truth = pd.read_csv(tmp_path / "there" / "truth.csv")
    assert truth["workers"].to_numpy() == pytest.approx(made.truth["workers"].to_numpy(), abs=1e-3)
    assert set(truth["host"]) == set(read.hosts["iso3"])
    table = truth.pivot(index="host", columns="year", values="workers")
    assert table.drop("WLD").sum().to_numpy() == pytest.approx(table.loc["WLD"].to_numpy(), abs=0.1)
    record = json.loads((tmp_path / "there" / "truth.json").read_text(encoding="utf-8"))
    assert record["seed"] == 7 and record["world"] == "plain"
    drawn = record["hyperparameters"]
    assert {
        "level_mean",
        "level_sd",
        "log_step_median",
        "shock",
        "bias",
        "error",
        "coverage",
        "house_sd",
        "lineage_sd",
    } <= set(drawn)
    assert set(drawn["level"]) == set(read.hosts.query("treatment == 'trajectory'")["iso3"])
    assert set(drawn["shock"]) == set(SHOCKS)
    assert set(record["copies"]) | set(record["copies"].values()) <= set(read.figures["figure_id"])


def test_unbiased_registers_recover_the_truth(settings):
    """With every bias and effect at nothing and errors of a tenth, a register's count is the truth
    on average."""
    nothing = {key: [0.0, 1e-9] for key in settings if key.startswith("bias_")} | {
        "house_sd": 1e-9,
        "lineage_sd": 1e-9,
        "host_class_sd": 1e-9,
    }
    nothing |= {
        "host_class_sd_china": 1e-9,
        "detection_limit": 0.5,
        "error_register_winding_down": 0.1,
        "error_register_banned": 0.1,
    }
    bare = Settings(dict(settings) | nothing)
    made = make.make("plain", 11, bare, hosts=20, figures=3000)
    figures = made.tables["figures"]
    rows = figures[
        (figures["evidence_class"] == "register")
        & (figures["scope"] == "national")
        & (figures["quantity"] != "residents")
    ]
    rows = rows[(rows["period_start"].str.len() == 4) & (rows["hosts"] != "WLD")]
    truth = made.truth.set_index(["host", "year"])["workers"]
    known = np.array([truth[row.hosts, int(row.period_start)] for row in rows.itertuples()])
    large = known > 50  # counts of few people are whole numbers with an error of their own
    errors = np.log(rows["point"].astype(float).to_numpy()[large] / known[large])
    assert len(errors) > 150
    assert np.median(errors) == pytest.approx(0.0, abs=0.02)
    assert np.median(np.abs(errors)) == pytest.approx(
        0.1 * stats.t.ppf(0.75, settings.error_df), abs=0.025
    )


def test_same_seed_same_bytes(settings, tmp_path):
    for folder, seed in (("one", 3), ("two", 3), ("other", 4)):
        write.write(make.make("hard", seed, settings, hosts=6, figures=40), tmp_path / folder)
    names = sorted(
        path.relative_to(tmp_path / "one").as_posix()
        for path in (tmp_path / "one").rglob("*")
        if path.is_file()
    )
    assert {
        "figures.csv",
        "truth.csv",
        "truth.json",
        "sources.bib",
        "README.md",
        "scenarios/baseline.yml",
    } < set(names)
    assert all(
        (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
        for name in names
    )
    assert (tmp_path / "one" / "truth.csv").read_bytes() != (
        tmp_path / "other" / "truth.csv"
    ).read_bytes()


# --- what each world has --------------------------------------------------------------------------


def heads(made):
    """The figures of a simulation that are head counts."""
    figures = made.tables["figures"]
    return figures[figures["quantity"].isin(ledger.HEAD_COUNTS)]


def test_copies_repeat_what_came_before_and_are_marked_by_the_rules(simulated):
    made = simulated("plain")
    figures = heads(made).set_index("figure_id")
    day = made.sources.set_index("key")["day"]
    assert len(made.record["copies"]) == 50
    for copy, of in made.record["copies"].items():
        assert figures.loc[copy, "hosts"] == figures.loc[of, "hosts"]
        assert day[figures.loc[copy, "source"]] > day[figures.loc[of, "source"]]
        assert float(figures.loc[copy, "copy_probability"]) in (0.95, 0.7, 0.3)
        assert figures.loc[copy, "lineage"] == figures.loc[of, "lineage"] != ""


def test_marks_of_copying_are_as_often_right_as_they_say(settings):
    marked = {"0.95": [], "0.3": []}
    for seed in range(6):
        made = make.make("plain", seed, settings, hosts=20, figures=400)
        for row in heads(made).itertuples():
            if row.copy_probability in marked:
                marked[row.copy_probability].append(row.figure_id in made.record["copies"])
    assert len(marked["0.95"]) > 400 and np.mean(marked["0.95"]) == pytest.approx(0.95, abs=0.02)
    assert len(marked["0.3"]) > 15 and np.mean(marked["0.3"]) == pytest.approx(0.3, abs=0.1)


def test_uncoded_copies_leave_no_mark(simulated):
    made = simulated("uncoded-copies")
    figures = heads(made).set_index("figure_id")
    assert len(made.record["copies"]) == 50 == len(figures) / 4
    assert (figures["copy_probability"] == "").all() and made.tables["copies"].empty
    assert (figures.loc[list(made.record["copies"]), "lineage"] == "").all()


def test_wild_figures_are_a_tenth_and_far_off(settings):
    made = make.make("wild", 5, settings, hosts=20, figures=1000)
    assert len(made.record["wild"]) == 100
    truth = made.truth.set_index(["host", "year"])["workers"]
    figures = heads(made)
    figures = figures[
        (figures["point"] != "")
        & (figures["scope"] == "national")
        & (figures["quantity"] == "stock_workers")
    ]
    wild = figures["figure_id"].isin(made.record["wild"])
    log_ratio = np.array(
        [
            np.log(
                max(float(row.point), 5.0)
                / max(truth[row.hosts, int(middle_date(pd.Series(row._asdict())))], 5.0)
            )
            for row in figures.itertuples()
        ]
    )
    spread = {
        kind: float(np.subtract(*np.percentile(log_ratio[wild == kind], [75, 25]))) / 1.349
        for kind in (True, False)
    }
    assert spread[True] > 1.3 and spread[False] < 0.9


def test_biased_classes_are_off_by_what_they_say(simulated):
    assert simulated("biased-class").record["hyperparameters"]["bias"]["press"] == pytest.approx(
        np.log(2), abs=1e-3
    )
    assert simulated("class-off").record["hyperparameters"]["bias"]["government"] == 1.0
    hard = simulated("hard")
    assert (len(hard.record["copies"]), len(hard.record["wild"])) == (50, 20)
    assert hard.record["hyperparameters"]["bias"]["press"] == pytest.approx(np.log(2), abs=1e-3)


def test_the_era_break_halves_what_governments_say_after_2020(settings):
    """Worlds of one seed have the same paths and errors, so these two differ in such figures, and
    in copies of them, alone."""
    plain, broken = (
        heads(make.make(name, 9, settings, hosts=20, figures=1200))
        for name in ("plain", "era-break")
    )
    assert (
        plain[["hosts", "period_start", "evidence_class"]]
        == broken[["hosts", "period_start", "evidence_class"]]
    ).all(axis=None)
    own = broken["seen"] == "original"
    hit = (
        own
        & (broken["evidence_class"] == "government")
        & (broken["period_start"].str[:4].astype(int) >= 2020)
    )
    assert (plain["point"] == broken["point"])[own & ~hit].all()
    stated = (
        hit & (plain["point"] != "") & (broken["point"].str.len() > 1)
    )  # rounding blurs the smallest
    ratio = broken["point"][stated].astype(float) / plain["point"][stated].astype(float)
    assert len(ratio) >= 10 and np.median(ratio) == pytest.approx(0.5, abs=0.05)


def test_lineages_are_dealt_out_anew(simulated):
    made = simulated("lineages-misassigned")
    coded = heads(made).set_index("figure_id")["lineage"]
    true = pd.Series(made.record["lineages"])
    assert sorted(coded[true.index]) == sorted(true) and (coded[true.index] != true).mean() > 0.6


def test_scandals_are_of_many_workers(simulated):
    made = simulated("scandals")
    truth = made.truth[made.truth["host"] != "WLD"].pivot(
        index="host", columns="year", values="workers"
    )
    counted = truth.loc[made.tables["hosts"].query("treatment == 'trajectory'")["iso3"]]
    own = heads(made)[~heads(made)["figure_id"].isin(made.record["copies"])]
    own = own[own["hosts"] != "WLD"]
    for row in own.itertuples():
        assert counted.loc[row.hosts, int(row.period_start[:4])] >= max(
            counted.loc[row.hosts].median(), np.median(counted)
        )


def test_absurd_ledgers_are_as_absurd_as_they_say(simulated):
    assert len(simulated("one-figure").tables["figures"]) == 1
    assert set(heads(simulated("one-lineage"))["lineage"]) == {"sim-all"}
    assert set(heads(simulated("only-world"))["hosts"]) == {"WLD"}
    assert "register" not in set(heads(simulated("no-registers"))["evidence_class"])
    assert len(set(heads(simulated("one-host"))["hosts"])) == 1
    empty = simulated("only-zeros")
    host = empty.tables["hosts"].query("treatment == 'trajectory'")["iso3"].iloc[-1]
    assert set(heads(empty)[heads(empty)["hosts"] == host]["point"]) == {"0"}
    assert empty.truth[empty.truth["host"] == host]["workers"].max() == pytest.approx(5.0)


def test_contradictions_are_a_factor_of_100(simulated):
    figures = heads(simulated("contradictions"))
    figures = figures[(figures["bound"] == "exact") & (figures["point"] != "0")]
    pairs = (
        figures.groupby(["hosts", "period_start", "quantity", "evidence_class"])["point"]
        .agg(["size", "min", "max"])
        .query("size == 2")
    )
    values = (
        figures.astype({"point": float})
        .groupby(["hosts", "period_start", "quantity", "evidence_class"])["point"]
        .agg(["min", "max"])
    )
    ratio = (values["max"] / values["min"])[pairs.index]
    assert len(ratio) > 10 and ratio.to_numpy() == pytest.approx(100, rel=0.06)


# --- the command
# --------------------------------------------------------------------------------------


def test_the_command_writes_what_check_accepts(monkeypatch, capsys, project):
    code, out, err = run(
        monkeypatch,
        capsys,
        project,
        "simulate",
        "there",
        "--seed",
        "1",
        "--hosts",
        "4",
        "--figures",
        "30",
        "--first-year",
        "2010",
        "--last-year",
        "2024",
    )
    assert (code, err) == (0, "") and "truth.csv" in out
    assert set(pd.read_csv(project / "there" / "truth.csv")["year"]) == set(range(2010, 2025))
    code, out, err = run(monkeypatch, capsys, project, "check", "--data", "there")
    assert (
        (code, err) == (0, "")
        and "no problem found" in out
        and "baseline: workers of 2010 to 2024" in out
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ("--world", "upside-down"),
            "world 'upside-down': there is none of that name. There are:\n  plain:",
        ),
        (
            ("--first-year", "2050"),
            "--first-year is 2050; it must be a whole number; from 1950 to 2040",
        ),
        (("--first-year", "2030"), "--first-year is 2030; it must be before --last-year, 2026"),
        (("--hosts", "5000"), "--hosts is 5000; it must be"),
    ],
)
def test_mistakes_write_nothing(monkeypatch, capsys, project, arguments, expected):
    code, _, err = run(monkeypatch, capsys, project, "simulate", "there", "--seed", "1", *arguments)
    assert code == 1 and expected in err and not (project / "there").exists()


def test_nothing_is_written_over(settings, tmp_path):
    (tmp_path / "mine.csv").write_text("mine")
    with pytest.raises(InputError, match="there is something already"):
        write.write(make.make("one-figure", 1, settings, hosts=3, figures=1), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]
