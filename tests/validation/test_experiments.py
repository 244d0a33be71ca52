"""The validation's refits: what they are, that they can stop and go on, and what they add up
to."""

import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import arviz as az
import numpy as np
import pandas as pd
import pytest
from conftest import edit, figure, write_ledger

from exportedlabour import cli, imports, project
from exportedlabour.assumptions import scenario
from exportedlabour.evidence import ledger
from exportedlabour.project import InputError
from exportedlabour.simulation.prior import draw_prior
from exportedlabour.validation import (
    experiments,
    multiverse,
    parts,
    provenance,
    running,
    scores,
    summary,
)
from exportedlabour.workers import observations

TINY = experiments.Effort(chains=4, tune=20, draws=30, worlds=2, bent={"all three": 1}, folds=2)


@pytest.fixture(scope="module")
def real():
    evidence = ledger.read(project.resolve("data"))
    settings = scenario.Settings(scenario.load().used_by("workers"))
    return evidence, settings, observations.build(evidence, settings)


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
        twice = [
            ((values == v) & (hosts == h)).sum() > 1 for v, h in zip(values[points], hosts[points])
        ]
        shares.append(np.mean(twice) / 2)  # at least; one original may have several copies
        flagged.append((1 - own[points]).mean())
    assert np.mean(flagged) == pytest.approx(
        0.25, abs=0.03
    )  # what the coder thinks is right on average
    assert 0.15 < np.mean(shares) < 0.3


def test_hidden_copies_are_not_told(real, drawn):
    values, own = bent(real, drawn, "hidden copies")
    assert (own == 1).all()
    assert (bent(real, drawn, "as specified")[1] == 1).all()


def test_mistaken_copies_are_as_many_as_copies_and_others(real, drawn):
    right, wrong = bent(real, drawn, "copies"), bent(real, drawn, "mistaken copies")
    assert sorted(right[1]) == sorted(wrong[1]) and (right[1] != wrong[1]).any()
    assert experiments.DISFAVOURED not in ("register_open", "government")


def test_the_disfavoured_class_is_the_largest_without_an_anchor(real):
    made, settings = real[2], real[1]
    sizes = {name: int((made.bias == i).sum()) for i, name in enumerate(made.biases)}
    loose = {name: size for name, size in sizes.items() if settings[f"bias_{name}"][1] >= 0.3}
    assert max(loose, key=loose.get) == experiments.DISFAVOURED
    mean, sd = settings[f"bias_{experiments.DISFAVOURED}"]
    assert 1 < (np.log(2) - mean) / sd < 1.96  # its prior allows it


def test_the_notifications_are_predicted_without_hindsight(real):
    settings = real[1]
    blind = experiments.without_hindsight(settings)
    assert (
        blind.bias_register_winding_down == settings.bias_register_open
        and blind.error_register_winding_down == settings.error_register_open
    )
    assert {name for name in settings if settings[name] != blind[name]} == {
        "bias_register_winding_down",
        "error_register_winding_down",
        "shock_sanctions",
        "shock_deadline",
    }


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
    assert key == experiments.key(
        made, settings, experiments.Effort(chains=4, tune=20, draws=30, worlds=999)
    )
    assert key != experiments.key(made, scenario.Settings(dict(settings) | {"pull": 0.5}), TINY)
    words, number = made.figures.copy(), made.figures.copy()
    words.iloc[0, words.columns.get_loc("note")] = "Another word."
    number.iloc[0, number.columns.get_loc("point")] = 12345
    from dataclasses import replace

    assert key == experiments.key(replace(made, figures=words), settings, TINY)
    assert key != experiments.key(replace(made, figures=number), settings, TINY)


def test_the_key_knows_all_code_that_a_piece_runs_on_and_no_other(real, tmp_path, monkeypatch):
    made = real[2]
    copy = tmp_path / "exportedlabour"
    shutil.copytree(imports.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(imports, "PACKAGE", copy)

    def key() -> str:
        return experiments.key(made, real[1], TINY)

    for module, counts in {
        "inference/convergence": True,
        "workers/uncounted": True,
        "evidence/schema": False,
    }.items():
        before = key()
        edit(copy / f"{module}.py", '"""', '"""Changed. ')
        assert (key() != before) == counts, module


def test_the_multiverse_has_forty_eight_analyses_or_more_and_begins_with_the_books_own(real):
    evidence, settings, made = real
    every = multiverse.specifications(settings)
    assert len(every) >= 48 and len({one.name for one in every}) == len(every)
    own, changed, counted = every[0].apply(evidence, settings, chains=3)
    assert dict(changed) == dict(settings) | {"include_classes": list(settings.include_classes)}
    assert own.figures["figure_id"].tolist() == made.figures[
        "figure_id"
    ].tolist() and counted.shape == (3, len(own.kind))


def test_a_doubtful_figure_counts_in_the_same_chains_of_every_analysis(real):
    evidence, settings, made = real
    counted = {}
    for one in multiverse.specifications(settings):
        if one.copies == "drawn" and not one.changes:
            own, _, chains = one.apply(evidence, settings, chains=16)
            assert (
                np.abs(chains.sum(axis=0) - 16 * own.uncopied) < 1
            ).all()  # each in its share of the chains
            names = own.figures["figure_id"] + own.figures.groupby("figure_id").cumcount().astype(
                str
            )
            counted[one.name] = dict(zip(names, chains.T.tolist()))
    first, *others = counted.values()
    assert len(others) >= 10 and all(
        found[name] == first[name] for found in others for name in found
    )
    doubtful = [tuple(chains) for chains in first.values() if not all(chains)]
    assert len(doubtful) > 20 and len(set(doubtful)) > 0.9 * len(
        doubtful
    )  # figures are drawn apart


def test_each_analysis_changes_what_its_name_says(real):
    evidence, settings, made = real
    by_name = {one.name: one for one in multiverse.specifications(settings)}
    no_press, _, _ = by_name["no press, copies drawn, all kinds"].apply(evidence, settings, 1)
    assert "press" not in set(no_press.figures["evidence_class"]) and "press" in set(
        made.figures["evidence_class"]
    )
    ignored = by_name["every class, copies ignored, all kinds"].apply(evidence, settings, 2)[2]
    assert ignored.all()
    heads, _, _ = by_name["every class, copies drawn, head counts only"].apply(
        evidence, settings, 1
    )
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
    pieces = [
        piece
        for piece in experiments.plan(made, evidence, settings, TINY)
        if piece.name.startswith("drop-")
    ]
    assert len({piece.name for piece in pieces}) == len(pieces)
    counts = (
        made.figures["lineage"]
        .where(made.figures["lineage"] != "", made.figures["source"])
        .value_counts()
    )
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
        running.run(pieces, tmp_path, pool, said.append)
    assert json.loads((tmp_path / "p2.json").read_text())["half"] == 1.0
    assert json.loads((tmp_path / "p1.json").read_text())["half"] == "kept"
    assert said[0] == "2 of 3 refits to do"
    assert not list(tmp_path.glob("*.part"))


def test_the_workers_of_a_dask_scheduler_do_the_pieces(tmp_path):
    from distributed import LocalCluster

    pieces = [experiments.Piece(f"p{i}", half, (i,)) for i in range(4)]
    quiet = {"n_workers": 1, "threads_per_worker": 2, "processes": False, "dashboard_address": None}
    with LocalCluster(**quiet) as cluster, running.processes(1, cluster.scheduler_address) as pool:
        running.run(pieces, tmp_path, pool, lambda text: None)
    assert [json.loads((tmp_path / f"p{i}.json").read_text())["half"] for i in range(4)] == [
        0.0,
        0.5,
        1.0,
        1.5,
    ]


def test_an_address_where_no_scheduler_answers_is_told(monkeypatch):
    monkeypatch.setattr(running, "DASK_PATIENCE", "1s")
    unanswered = pytest.raises(
        InputError, match="--dask tcp://127.0.0.1:9: no scheduler answers there"
    )
    with unanswered, running.processes(1, "tcp://127.0.0.1:9"):
        pass


def test_a_failed_piece_is_told_and_the_others_are_kept(tmp_path):
    pieces = [experiments.Piece("bad", fails, (1,)), experiments.Piece("good", half, (4,))]
    with ThreadPoolExecutor(1) as pool, pytest.raises(InputError, match="bad: no such thing"):
        running.run(pieces, tmp_path, pool, lambda text: None)
    assert json.loads((tmp_path / "good.json").read_text())["half"] == 2.0


def test_a_missing_piece_is_named(real, tmp_path):
    evidence, settings, made = real
    with pytest.raises(InputError, match="is not done; run exlab validate again"):
        summary.write(tmp_path, made, evidence, settings, TINY, tmp_path / "out")


SOME = experiments.Effort(
    chains=4, tune=20, draws=30, worlds=2, bent={"all three": 1, "wild": 1, "copies": 2}, folds=2
)


def fake(real, folder, part, share, seconds=120.0, effort=SOME):
    """Put made-up results of every piece of a part into ``folder``: each truth above ``share`` of
    the draws, each median 10."""
    evidence, settings, made = real
    folder.mkdir(parents=True, exist_ok=True)
    years = made.years.tolist()
    found = {
        "seconds": seconds,
        "ranks": {"world 2017": 40},
        "host_year": [share] * len(years) * len(made.hosts),
        "world": [share] * len(years),
        "years": years,
        "percentiles": [[10.0] * len(years)] * 5,
        "error": [0.1] * len(years),
        "origin": "somebody",
        "figures": 2,
        "r_hat": 1.0 + share / 100,
        "divergent": 0.001,
    }
    pieces = parts.chosen(experiments.plan(made, evidence, settings, effort), [part])[part]
    for piece in pieces:
        (folder / f"{piece.name}.json").write_text(json.dumps(found))
    return len(pieces)


def add_up(real, folder, target, *names):
    evidence, settings, made = real
    summary.write(folder, made, evidence, settings, SOME, target, names)


def test_a_part_is_renewed_alone_and_the_others_keep_their_lines_and_their_key(real, tmp_path):
    first, second, target = tmp_path / "firstkey", tmp_path / "secondkey", tmp_path / "tables"
    names = ["as specified", "all three", "other worlds", "left out"]
    count = {name: fake(real, first, name, 0.33333) for name in names}
    assert count["as specified"] == 2 and count["all three"] == 1 and count["other worlds"] == 3
    add_up(real, first, target, *names)
    assert not (target / "holdouts.csv").exists()  # its pieces were not asked for
    before = {path.name: path.read_bytes() for path in target.iterdir()}
    lines = before["worlds.csv"].decode().splitlines()
    assert [line.split(",")[0] for line in lines[1::4]] == ["as specified"] * 2 + ["all three"] + [
        "copies"
    ] * 2 + ["wild"]

    fake(real, second, "other worlds", 0.99, seconds=60.0)  # outside of every interval
    add_up(real, second, target, "other worlds")
    after = {path.name: path.read_bytes() for path in target.iterdir()}
    assert {name for name in after if after[name] != before[name]} == {
        "worlds.csv",
        "refits.csv",
        "provenance.json",
    }
    agreed = pd.read_csv(target / "refits.csv")
    assert agreed["part"].value_counts().to_dict() == count and agreed["refit"].is_unique
    assert (agreed["r_hat"] == np.where(agreed["part"] == "other worlds", 1.0099, 1.0033)).all()
    renewed = after["worlds.csv"].decode().splitlines()
    assert renewed[:13] == lines[:13] and len(renewed) == len(lines)
    now = pd.read_csv(target / "worlds.csv")
    other = now["world"].isin(["copies", "wild"])
    assert (now.loc[other, "above_95"] == 1).all() and (now.loc[~other, "inside_50"] == 1).all()
    runs = provenance.read(target)
    assert {part: run["key"] for run in runs for part in run["parts"]} == dict.fromkeys(
        names, "firstkey"
    ) | {"other worlds": "secondkey"}
    assert provenance.refits(runs) == sum(count.values())
    others = 2 * (
        sum(count.values()) - 3
    )  # two minutes each, and one for each of the three that were made anew
    assert provenance.cpu_minutes(runs) == (others + 3, f"{others + 3:,}")
    assert runs[-1]["effort"] == {
        "chains": 4,
        "tune": 20,
        "draws": 30,
        "bent": {"copies": 2, "wild": 1},
    }


def test_the_command_renews_one_part_among_the_committed_tables(monkeypatch, capsys, project):
    evidence = ledger.read(project / "data")
    settings = scenario.Settings(scenario.load(scenario.BASELINE, project).used_by("workers"))
    small = evidence, settings, observations.build(evidence, settings)
    effort = experiments.Effort()
    key = experiments.key(small[2], settings, effort)
    count = fake(small, project / "build" / "validation" / key, "left out", 0.5, effort=effort)
    target = project / "results" / "validation"
    before = {path.name: path.read_bytes() for path in target.iterdir()}
    monkeypatch.chdir(project)
    monkeypatch.setattr("sys.argv", ["exlab", "validate", "--jobs", "1", "--part", "left out"])
    cli.main()
    assert f"0 of {count} refits to do" in capsys.readouterr().out
    after = {path.name: path.read_bytes() for path in target.iterdir()}
    assert {name for name in after if after[name] != before.get(name)} == {
        "left_out.csv",
        "refits.csv",
        "provenance.json",
    }
    same, words = provenance.state(provenance.read(target), key)
    assert (
        not same
        and "sources left out" not in words
        and "the figures held out" in words
        and "the others with the present one" in words
    )


def test_the_figures_held_out_are_renewed_without_any_simulated_world(real, tmp_path):
    evidence, settings, made = real
    folder, target = tmp_path / "onlykey", tmp_path / "tables"
    folder.mkdir()
    made = made.keep(
        np.isin(made.figures["hosts"], ["POL", "MNG"])
    )  # few, as simpler methods predict every split in earnest
    own = experiments.independent(made)
    pieces = parts.chosen(experiments.plan(made, evidence, settings, SOME), ["held out"])[
        "held out"
    ]
    last = [piece for piece in pieces if piece.arguments[-1].test.sum()][-1]
    for piece in pieces:
        test = piece.arguments[-1].test
        stocks = [[1.0] * (len(own.hosts) * len(own.years))] * 5
        found = {
            "figures": own.figures["figure_id"][test].tolist(),
            "draws": [[1.0, 2.0, 3.0]] * int(test.sum()),
            "seconds": 1.0,
        }
        found |= {
            "r_hat": 1.01,
            "divergent": 0.0,
            "hosts": list(own.hosts),
            "years": own.years.tolist(),
            "stock": stocks,
        }
        (folder / f"{piece.name}.json").write_text(json.dumps(found))
    summary.write(folder, made, evidence, settings, SOME, target, ["held out"])
    tables = {"holdouts.csv", "notified_stock.csv", "notified_figures.csv", "refits.csv"}
    assert {path.name for path in target.iterdir()} == tables | {"provenance.json"}
    held = pd.read_csv(target / "holdouts.csv")
    ours = held[(held["method"] == summary.OURS) & (held["split"] == last.arguments[-1].name)]
    assert len(ours) == last.arguments[-1].test.sum() and set(held["split"]) == {
        piece.arguments[-1].name for piece in pieces
    }
    assert provenance.read(target)[0]["parts"] == {"held out": len(pieces)}


def test_every_piece_belongs_to_a_part_and_the_names_of_pieces_agree(real):
    evidence, settings, made = real
    pieces = list(experiments.plan(made, evidence, settings, experiments.Effort(worlds=2)))
    found = parts.chosen(pieces)
    assert list(found) == list(parts.PARTS) and sum(map(len, found.values())) == len(pieces)
    starts = {
        "held out": "out-",
        "left out": "drop-",
        "analyses": "spec-",
        "as specified": "world-as-specified-",
        "all three": "world-all-three-",
    }
    for part, start in starts.items():
        assert {piece.name for piece in found[part]} == {
            piece.name for piece in pieces if piece.name.startswith(start)
        }
    assert {piece.arguments[3] for piece in found["other worlds"]} == set(experiments.WORLDS) - {
        "as specified",
        "all three",
    }


def test_an_unknown_part_is_refused_with_the_list_and_a_part_that_is_empty_is_told(real, tmp_path):
    with pytest.raises(
        InputError,
        match=(
            "part 'hold outs'.*held out, left out, analyses, as specified, all three, other worlds"
        ),
    ):
        add_up(real, tmp_path, tmp_path / "out", "hold outs")
    evidence, settings, made = real
    with pytest.raises(InputError, match="part 'other worlds': no refit of it is asked for"):
        parts.chosen(experiments.plan(made, evidence, settings, TINY), ["other worlds"])
    assert "other worlds" not in parts.chosen(experiments.plan(made, evidence, settings, TINY))


def test_a_run_of_several_parts_loses_those_that_are_made_again_and_its_minutes_become_a_bound():
    both = {
        "parts": {"held out": 53, "analyses": 57},
        "key": "old",
        "effort": {"chains": 16},
        "cpu_minutes": 1730,
    }
    again = {"parts": {"held out": 50}, "key": "new", "effort": {"chains": 16}, "cpu_minutes": 20}
    assert provenance.cpu_minutes([both]) == (1730, "1,730")
    runs = provenance.renewed([both], [again])
    assert runs == [both | {"parts": {"analyses": 57}, "since_renewed": ["held out"]}, again]
    assert provenance.refits(runs) == 107 and provenance.cpu_minutes(runs) == (
        1750,
        "at most 1,750",
    )
    twice = provenance.renewed(runs, [again | {"parts": {"analyses": 9}}])
    assert [run["parts"] for run in twice] == [{"held out": 50}, {"analyses": 9}]
    assert (
        provenance.chains(twice) == "16"
        and provenance.chains([both, again | {"effort": {"chains": 8}}]) == "8 or 16"
    )


def test_the_chapter_names_the_parts_that_were_made_with_another_state():
    def runs(**keys):
        return [{"parts": {part.replace("_", " "): 1}, "key": key} for part, key in keys.items()]

    assert provenance.state(runs(held_out="k", analyses="k"), "k") == (True, provenance.PRESENT)
    assert provenance.state(runs(other_worlds="k", analyses="old"), "k") == (
        False,
        (
            "The refits for the other analyses were made with another state of the model, its"
            " assumptions or the ledger than this book, the others with the present one; `make"
            " validate` renews them."
        ),
    )
    same, words = provenance.state(runs(analyses="older", left_out="old", held_out="old"), "k")
    assert (
        not same
        and "for the figures held out, the sources left out and the other analyses were made"
        in words
    )
    assert "the others" not in words  # there are none


def test_a_record_of_another_form_is_refused(tmp_path):
    (tmp_path / "provenance.json").write_text('{"key": "c0ffee"}')
    with pytest.raises(InputError, match=re.escape(str(tmp_path / "provenance.json"))):
        provenance.read(tmp_path)
    assert provenance.read(tmp_path / "nothing yet") == []


def test_shares_inside_and_outside_are_counted_by_hand():
    pit = [
        0.01,
        0.2,
        0.5,
        0.99,
    ]  # of four years; the 80 % interval is 0.1 to 0.9, the 95 % one 0.025 to 0.975
    rows = list(
        summary.worlds(
            [("wild", 7, {"host_year": pit, "world": pit[1:3]})],
            np.array([True, True, True, False]),
        )
    )
    assert [row["scope"] for row in rows] == [
        "host_year",
        "host_year with a figure",
        "host_year without",
        "world",
    ]
    assert (
        rows[0]["inside_80"] == 0.5 and rows[0]["below_80"] == 0.25 and rows[0]["above_80"] == 0.25
    )
    assert rows[0]["inside_50"] == 0.25 and rows[0]["inside_95"] == 0.5
    assert (
        rows[1]["n"] == 3
        and rows[1]["inside_80"] == pytest.approx(2 / 3)
        and rows[2]["above_80"] == 1.0
    )
    assert rows[3]["inside_80"] == 1.0 and rows[3]["n"] == 2


def test_a_host_year_has_a_figure_if_one_reads_it(tmp_path, real):
    made = observations.build(
        ledger.read(
            write_ledger(
                tmp_path,
                [
                    figure("POL001", "POL", "2010", point=400),
                    figure("TOT001", "WLD", "2012", point=9000),
                ],
            )
        ),
        scenario.Settings(dict(real[1]) | {"first_year": 2009, "last_year": 2012}),
    )
    found = summary.counted(made).reshape(len(made.hosts), 4)
    assert (
        found[made.hosts.index("POL")].tolist() == [False, True, False, False] and found.sum() == 1
    )


def test_a_refit_of_a_simulated_world_says_where_the_truth_lies(real):
    _, settings, made = real
    keep = np.isin(made.figures["hosts"], ["RUS", "CHN", "POL", "MNG"])
    found = experiments.simulated(made.keep(keep), settings, TINY, "as specified", 3)
    assert set(found) == {"ranks", "host_year", "world", "r_hat", "divergent"}
    assert 1 < found["r_hat"] < 5 and 0 <= found["divergent"] <= 1
    assert len(found["world"]) == len(made.years) and len(found["host_year"]) == len(
        made.years
    ) * len(made.hosts)
    assert all(0 <= rank <= experiments.RANKED for rank in found["ranks"].values())
    assert all(0 <= share <= 1 for share in found["host_year"])


def test_the_committed_tables_are_of_the_forms_that_the_chapter_reads():
    folder = project.resolve("results") / "validation"
    worlds, ranks = pd.read_csv(folder / "worlds.csv"), pd.read_csv(folder / "ranks.csv")
    assert set(worlds["world"]) <= set(experiments.WORLDS)
    assert ((worlds["inside_80"] + worlds["below_80"] + worlds["above_80"] - 1).abs() < 1e-3).all()
    assert (
        ranks.groupby("quantity")["seed"].nunique().min() >= 200
        and ranks["rank"].between(0, experiments.RANKED).all()
    )
    held = pd.read_csv(folder / "holdouts.csv")
    assert summary.OURS in set(held["method"]) and len(set(held["method"])) == 5
    assert held[["pit_low", "pit_high"]].stack().dropna().between(0, 1).all()
    specifications = pd.read_csv(folder / "specifications.csv")
    assert specifications["name"].nunique() >= 48 and set(specifications["year"]) == set(
        summary.YEARS
    )
    assert (specifications["lo95"] <= specifications["median"]).all() and (
        specifications["median"] <= specifications["hi95"]
    ).all()
    without = pd.read_csv(folder / "left_out.csv", keep_default_na=False)
    assert (
        "" in set(without["origin"])
        and (without.loc[without["origin"] != "", "n"] >= experiments.LEFT_OUT_FROM).all()
    )
    assert (without["lo95"] <= without["median"]).all() and (without["error"] > 0).all()
    runs = provenance.read(folder)
    assert provenance.refits(runs) >= 200 + specifications["name"].nunique()
    agreed = pd.read_csv(folder / "refits.csv")
    assert agreed["part"].value_counts().to_dict() == {
        part: count for run in runs for part, count in run["parts"].items()
    }
    assert len(scores.LEVELS) == 3


def test_worlds_of_another_ledger_have_the_quantities_that_it_has(tmp_path, real):
    """Fewer years, and no host of which the book's own chapter speaks."""
    settings = scenario.Settings(dict(real[1]) | {"first_year": 2006, "last_year": 2014})
    rows = [
        figure(
            f"POL{year}",
            "POL",
            str(year),
            point=400 + year,
            bound="exact",
            evidence_class="register",
        )
        for year in range(2006, 2014)
    ]
    evidence = ledger.read(write_ledger(tmp_path, rows))
    made = observations.build(evidence, settings)
    found = experiments.simulated(made, settings, TINY, "mistaken copies", 1)
    assert {name for name in found["ranks"] if name[:3] in ("wor", "RUS", "CHN", "POL")} == {
        "world 2013"
    }
    assert len(found["world"]) == 9 and found["ranks"]["level_mean"] >= 0
    assert (
        list(
            summary.specifications(
                [
                    (
                        multiverse.specifications(settings)[0],
                        {"figures": 8, "years": [2013], "percentiles": [[1]] * 5},
                    )
                ]
            )
        )
        == []
    )


def test_worlds_in_which_people_are_sent_home_by_the_account_are_drawn_and_fitted_through_it(real):
    evidence, settings, made = real
    effort = experiments.Effort(worlds=1, bent={experiments.SENT_HOME: 1, "wild": 1})
    found = {
        piece.name: piece.arguments for piece in experiments.plan(made, evidence, settings, effort)
    }
    through, believed, *_ = found["world-sent-home-by-the-account-000"]
    floor, usual, *_ = found["world-wild-000"]
    assert believed.people_sent_home == "account" and usual.people_sent_home == "floor"
    assert through.hosts == floor.hosts and len(through.kind) == len(floor.kind)
    assert through.exits.any() and not floor.exits.any()


def test_the_agreement_of_a_refit_is_that_of_its_chains(real):
    _, settings, made = real
    few = made.keep(np.isin(made.figures["hosts"], ["POL", "MNG"]))
    found = experiments.refit(few, settings, TINY, 5)
    chains = found.log_world.reshape(TINY.chains, TINY.draws, -1)
    assert np.allclose(found.log_world, np.log(np.exp(found.named["log_stock"]).sum(axis=1)))
    expected = max(float(az.rhat(chains[:, :, year])) for year in range(chains.shape[2]))
    assert found.agreement["r_hat"] == pytest.approx(expected, abs=1e-4)
