"""The validation's small fits: what they are, that they can stop and go on, and what they add up to."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from exportedlabour import ledger, project, scenario
from exportedlabour.project import InputError
from exportedlabour.simulate.prior import draw_prior
from exportedlabour.validate import experiments, multiverse, scores, summary
from exportedlabour.workers import design

TINY = experiments.Effort(chains=4, tune=20, draws=30, worlds=2, bent={"all three": 1}, folds=2)


@pytest.fixture(scope="module")
def real():
    evidence = ledger.read(project.resolve("data"))
    settings = scenario.Settings(scenario.load().used_by("workers"))
    return evidence, settings, design.build(evidence, settings)


@pytest.fixture(scope="module")
def drawn(real):
    _, settings, made = real
    return draw_prior(made, settings, np.random.default_rng(1))


def bent(real, drawn, world, seed=2):
    _, settings, made = real
    return experiments.bend(made, settings, drawn, world, np.random.default_rng(seed))


def test_a_quarter_of_the_figures_of_such_a_world_are_copies(real, drawn):
    made = real[2]
    points = (made.kind < 2) & ~made.flow
    hosts = made.figures["hosts"].to_numpy()
    shares, flagged = [], []
    for seed in range(30):
        values, own = bent(real, drawn, "copies", seed)
        twice = [((values == v) & (hosts == h)).sum() > 1 for v, h in zip(values[points], hosts[points])]
        shares.append(np.mean(twice) / 2)  # at least; one original may have several copies
        flagged.append((1 - own[points]).mean())
    assert np.mean(flagged) == pytest.approx(0.25, abs=0.03)  # what the coder thinks is right on average
    assert 0.15 < np.mean(shares) < 0.3


def test_hidden_copies_are_not_told(real, drawn):
    values, own = bent(real, drawn, "hidden copies")
    assert (own == 1).all()
    assert (bent(real, drawn, "as specified")[1] == 1).all()


def test_a_biased_class_is_off_by_the_factor_that_is_said(real, drawn):
    made = real[2]
    plain, _ = bent(real, drawn, "as specified")
    doubled, _ = bent(real, drawn, "biased")
    off = doubled - plain
    at = made.biases.index(experiments.DISFAVOURED)
    assert np.allclose(off[made.bias == at], np.log(2) - drawn["bias"][0, at])
    assert np.allclose(off[made.bias != at], 0)


def test_only_scandals_never_lowers_a_figure_and_leaves_states_alone(real, drawn):
    made = real[2]
    plain, _ = bent(real, drawn, "as specified")
    told, _ = bent(real, drawn, "only scandals")
    scandalous = np.isin(np.array(made.biases)[made.bias], experiments.SCANDALOUS)
    assert (told >= plain)[scandalous].all() and (told > plain)[scandalous].mean() > 0.3
    assert np.allclose(told[~scandalous], plain[~scandalous])


def test_the_key_knows_a_changed_prior_and_a_changed_figure_but_no_changed_word(real):
    evidence, settings, made = real
    key = experiments.key(made, settings, TINY)
    assert key == experiments.key(made, settings, experiments.Effort(chains=4, tune=20, draws=30, worlds=999))
    assert key != experiments.key(made, scenario.Settings(dict(settings) | {"pull": 0.5}), TINY)
    words, number = made.figures.copy(), made.figures.copy()
    words.iloc[0, words.columns.get_loc("note")] = "Another word."
    number.iloc[0, number.columns.get_loc("point")] = 12345
    from dataclasses import replace

    assert key == experiments.key(replace(made, figures=words), settings, TINY)
    assert key != experiments.key(replace(made, figures=number), settings, TINY)


def test_the_multiverse_has_forty_eight_analyses_or_more_and_begins_with_the_books_own(real):
    evidence, settings, made = real
    every = multiverse.specifications(settings)
    assert len(every) >= 48 and len({one.name for one in every}) == len(every)
    own, changed, counted = every[0].apply(evidence, settings, chains=3)
    assert dict(changed) == dict(settings) | {"include_classes": list(settings.include_classes)}
    assert own.figures["figure_id"].tolist() == made.figures["figure_id"].tolist() and counted.shape == (3, len(own.kind))


def test_each_analysis_changes_what_its_name_says(real):
    evidence, settings, made = real
    by_name = {one.name: one for one in multiverse.specifications(settings)}
    no_press, _, _ = by_name["no press, copies drawn, all kinds"].apply(evidence, settings, 1)
    assert "press" not in set(no_press.figures["evidence_class"]) and "press" in set(made.figures["evidence_class"])
    ignored = by_name["every class, copies ignored, all kinds"].apply(evidence, settings, 2)[2]
    assert ignored.all()
    heads, _, _ = by_name["every class, copies drawn, head counts only"].apply(evidence, settings, 1)
    assert not heads.flow.any() and not set(heads.figures["quantity"]) & {"ratio", "host_countries"}
    no_anchor, _, _ = by_name["the anchor dropped"].apply(evidence, settings, 1)
    assert "register" not in set(no_anchor.figures["evidence_class"])
    _, wide, _ = by_name["priors of biases twice as wide"].apply(evidence, settings, 1)
    assert wide.bias_press == [settings.bias_press[0], 2 * settings.bias_press[1]]
    for one in by_name.values():
        for name, value in one.changes.items():
            assert name in settings and value != settings[name], one.name


def test_leaving_nothing_out_is_the_books_own_analysis_and_leaving_a_source_out_is_not(real):
    evidence, settings, made = real
    effort = experiments.Effort(chains=4, tune=10, draws=10)
    everything = experiments.left_out(made, settings, effort, "")
    own = experiments.specified(evidence, settings, effort, multiverse.specifications(settings)[0])
    assert everything["percentiles"] == own["percentiles"] and everything["figures"] == 0
    assert min(everything["error"]) > 0
    origin = "fsb-2025-entries-years"
    members = made.figures["lineage"] == origin
    without = experiments.left_out(made, settings, effort, origin)
    assert without["figures"] == members.sum() > 1 and without["percentiles"] != own["percentiles"]


def test_every_source_of_two_figures_or_more_is_left_out_once(real):
    evidence, settings, made = real
    pieces = [piece for piece in experiments.plan(made, evidence, settings, TINY) if piece.name.startswith("drop-")]
    assert len({piece.name for piece in pieces}) == len(pieces)
    counts = made.figures["lineage"].where(made.figures["lineage"] != "", made.figures["source"]).value_counts()
    assert {piece.arguments[-1] for piece in pieces} == {"", *counts.index[counts >= 2]}


def half(x):
    return {"half": x / 2}


def fails(x):
    raise ValueError("no such thing")


def test_pieces_that_are_done_are_not_done_again(tmp_path):
    pieces = [experiments.Piece(f"p{i}", half, (i,)) for i in range(3)]
    (tmp_path / "p1.json").write_text('{"half": "kept"}')
    said = []
    with ThreadPoolExecutor(1) as pool:
        experiments.run(pieces, tmp_path, pool, said.append)
    assert json.loads((tmp_path / "p2.json").read_text())["half"] == 1.0
    assert json.loads((tmp_path / "p1.json").read_text())["half"] == "kept"
    assert said[0] == "2 of 3 small fits to do"
    assert not list(tmp_path.glob("*.part"))


def test_the_workers_of_a_dask_scheduler_do_the_pieces(tmp_path):
    from distributed import LocalCluster

    pieces = [experiments.Piece(f"p{i}", half, (i,)) for i in range(4)]
    quiet = {"n_workers": 1, "threads_per_worker": 2, "processes": False, "dashboard_address": None}
    with LocalCluster(**quiet) as cluster, experiments.processes(1, cluster.scheduler_address) as pool:
        experiments.run(pieces, tmp_path, pool, lambda text: None)
    assert [json.loads((tmp_path / f"p{i}.json").read_text())["half"] for i in range(4)] == [0.0, 0.5, 1.0, 1.5]


def test_an_address_where_no_scheduler_answers_is_told(monkeypatch):
    monkeypatch.setattr(experiments, "DASK_PATIENCE", "1s")
    unanswered = pytest.raises(InputError, match="--dask tcp://127.0.0.1:9: no scheduler answers there")
    with unanswered, experiments.processes(1, "tcp://127.0.0.1:9"):
        pass


def test_a_failed_piece_is_told_and_the_others_are_kept(tmp_path):
    pieces = [experiments.Piece("bad", fails, (1,)), experiments.Piece("good", half, (4,))]
    with ThreadPoolExecutor(1) as pool, pytest.raises(InputError, match="bad: no such thing"):
        experiments.run(pieces, tmp_path, pool, lambda text: None)
    assert json.loads((tmp_path / "good.json").read_text())["half"] == 2.0


def test_a_missing_piece_is_named(real, tmp_path):
    evidence, settings, made = real
    with pytest.raises(InputError, match="is not done; run exlab validate again"):
        summary.write(tmp_path, made, evidence, settings, TINY, tmp_path / "out")


def test_shares_inside_and_outside_are_counted_by_hand():
    pit = [0.01, 0.2, 0.5, 0.99]  # of four years; the 80 % interval is 0.1 to 0.9, the 95 % one 0.025 to 0.975
    rows = list(summary.worlds([("wild", 7, {"host_year": pit, "world": pit[1:3]})], 4))
    assert [row["scope"] for row in rows] == ["host_year", "world"]
    assert rows[0]["inside_80"] == 0.5 and rows[0]["below_80"] == 0.25 and rows[0]["above_80"] == 0.25
    assert rows[0]["inside_50"] == 0.25 and rows[0]["inside_95"] == 0.5
    assert rows[1]["inside_80"] == 1.0 and rows[1]["n"] == 2


def test_a_small_fit_of_a_simulated_world_says_where_the_truth_lies(real):
    _, settings, made = real
    keep = np.isin(made.figures["hosts"], ["RUS", "CHN", "POL", "MNG"])
    found = experiments.simulated(made.keep(keep), settings, TINY, "as specified", 3)
    assert set(found) == {"ranks", "host_year", "world"}
    assert len(found["world"]) == len(made.years) and len(found["host_year"]) == len(made.years) * len(made.hosts)
    assert all(0 <= rank <= experiments.RANKED for rank in found["ranks"].values())
    assert all(0 <= share <= 1 for share in found["host_year"])


def test_the_committed_tables_are_of_the_forms_that_the_chapter_reads():
    folder = project.resolve("results") / "validation"
    worlds, ranks = pd.read_csv(folder / "worlds.csv"), pd.read_csv(folder / "ranks.csv")
    assert set(worlds["world"]) <= set(experiments.WORLDS)
    assert ((worlds["inside_80"] + worlds["below_80"] + worlds["above_80"] - 1).abs() < 1e-3).all()
    assert ranks.groupby("quantity")["seed"].nunique().min() >= 200 and ranks["rank"].between(0, experiments.RANKED).all()
    held = pd.read_csv(folder / "holdouts.csv")
    assert summary.OURS in set(held["method"]) and len(set(held["method"])) == 5
    assert held[["pit_low", "pit_high"]].stack().dropna().between(0, 1).all()
    specifications = pd.read_csv(folder / "specifications.csv")
    assert specifications["name"].nunique() >= 48 and set(specifications["year"]) == set(summary.YEARS)
    assert (specifications["lo95"] <= specifications["median"]).all() and (specifications["median"] <= specifications["hi95"]).all()
    without = pd.read_csv(folder / "left_out.csv", keep_default_na=False)
    assert "" in set(without["origin"]) and (without.loc[without["origin"] != "", "n"] >= experiments.LEFT_OUT_FROM).all()
    assert (without["lo95"] <= without["median"]).all() and (without["error"] > 0).all()
    record = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    assert record["small_fits"] >= 200 + specifications["name"].nunique()
    assert len(scores.LEVELS) == 3
