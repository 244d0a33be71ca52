"""The explorer's numbers, in Python: exact where they are arithmetic, right where the answer of a
reweighting is known."""

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from exportedlabour.assumptions import scenario
from exportedlabour.sensitivity import explorer
from exportedlabour.sensitivity.explorer import State


def shipped(n=1301, seed=0, **changes):
    """Two hosts and the rest in three years; the log likelihood of a class is that of one normal
    figure, so that answers are known."""
    rng = np.random.default_rng(seed)
    x = rng.normal(8.0, 0.5, n)
    stock = np.exp(
        np.stack([x, rng.normal(7, 0.2, n), rng.normal(6, 0.2, n)])[:, None, :]
        + np.array([0.0, 0.1, 0.2])[None, :, None]
    )
    shape = stock.shape
    values = {
        "units": ("CHN", "RUS", "REST"),
        "labels": ("China", "Russia", "all other hosts"),
        "lead": 0,
        "groups": {
            "WLD": ("all hosts", (0, 1, 2)),
            "CHN": ("China", (0,)),
            "others": ("all hosts but China", (1, 2)),
        },
        "years": np.array([2015, 2016, 2017]),
        "stock": stock,
        "gross": rng.lognormal(8, 0.2, shape),
        "withheld": rng.uniform(0.6, 0.9, shape),
        "part": rng.uniform(0.3, 0.7, shape),
        "to_current": np.array([0.8, 0.9, 1.0]),
        "classes": ("government", "press"),
        "log_likelihood": np.column_stack([-0.5 * (x - 8.3) ** 2, -0.5 * (x - 7.7) ** 2]),
        "imputation": np.arange(n) % 4,
        "register": rng.normal(-1.5, 1.0, n),
        "register_prior": (-1.5, 1.0),
        "errors": {"government": {"error_government": 0.25}, "press": {"error_press": 0.6}},
        "price_year": 2024,
        "peak": 2016,
    }
    return explorer.Shipped(**(values | changes))


def answer(made, fragment):
    return explorer.answer(made, explorer.read_state(fragment, made))


def test_money_is_arithmetic_on_each_draw():
    made = shipped()
    hand = (made.stock * made.gross * made.withheld * made.part).sum(axis=0) * made.to_current[
        :, None
    ]
    found = answer(made, "")
    assert found.row["median"] == pytest.approx(
        np.sort(hand[1])[650], rel=1e-12
    )  # 1,301 draws have one in the middle
    assert answer(made, "pay=1.5&months=0.5").row["median"] == pytest.approx(
        0.75 * found.row["median"]
    )
    many = answer(made, "quantity=workers&stock=2&from=2015&to=2017").row["median"]
    assert many == pytest.approx(
        np.sort((made.stock * np.array([2, 1, 1])[:, None, None]).sum(axis=0).mean(axis=0))[650]
    )
    total = answer(made, "from=2015&to=2017").row["median"]
    assert total == pytest.approx(np.sort(hand.sum(axis=0))[650])


def test_definitions_and_prices_hang_together():
    made = shipped()
    rows = {
        q: explorer._totals(made, State(quantity=q, prices="constant", levers={"withheld": 0.7}))
        for q in ("gross", "withheld", "state", "net")
    }
    np.testing.assert_allclose(rows["gross"], rows["withheld"] + rows["net"])
    assert (rows["state"] < rows["withheld"]).all()
    constant, current = (
        explorer._totals(made, State(prices=prices)) for prices in ("constant", "current")
    )
    np.testing.assert_allclose(current, constant * made.to_current[:, None])


@given(st.floats(0.001, 0.999), st.floats(-2, 2))
def test_a_share_moves_on_the_logit_scale_and_stays_a_share(share, shift):
    moved = float(explorer._shifted(np.array(share), shift))
    assert 0 < moved < 1
    assert np.log(moved / (1 - moved)) == pytest.approx(
        np.log(share / (1 - share)) + shift, abs=1e-6
    )


def test_a_weaker_class_gives_the_posterior_that_conjugacy_gives():
    # The draws are N(8, 0.5): at weight w the figure at 8.3 with sd 1 loses (1 - w) of its
    # precision.
    made = shipped(n=20_011)
    for weight in (0.75, 0.5, 0.0):
        weights, k = explorer.draw_weights(made, State(weights={"government": weight}))
        precision = 4.0 - (1 - weight)
        x = np.log(made.stock[0, 0])
        assert weights @ x == pytest.approx((4.0 * 8.0 - (1 - weight) * 8.3) / precision, abs=0.02)
        assert k < 0.7


def test_another_ratio_of_registered_to_present_shifts_the_bias_as_its_prior_does():
    made = shipped(n=20_011)
    weights, k = explorer.draw_weights(made, State(levers={"register": 0.8}))
    assert weights @ made.register == pytest.approx(-0.7, abs=0.05) and k < 0.7


def test_every_imputation_of_copies_keeps_its_share():
    made = shipped()
    made = explorer.Shipped(
        **(vars(made) | {"log_likelihood": made.log_likelihood - 5.0 * made.imputation[:, None]})
    )
    weights, _ = explorer.draw_weights(made, State(weights={"press": 0.5}))
    shares = [weights[made.imputation == i].sum() for i in range(4)]
    assert shares == pytest.approx([np.mean(made.imputation == i) for i in range(4)], rel=0.05)


def test_too_far_a_shift_is_not_trusted_and_names_the_refit(tmp_path):
    made = shipped()
    made = explorer.Shipped(**(vars(made) | {"log_likelihood": 40 * made.log_likelihood}))
    state = State(weights={"press": 0.0, "government": 0.5}, levers={"register": 0.5})
    assert not explorer.answer(made, state).trusted
    text = explorer.refit(made, state)
    assert (
        "include_classes: [government]" in text
        and "bias_register_banned: [-1.000, 1]" in text
        and "error_government: 0.354" in text
    )
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "baseline.yml").write_text(
        (ROOT / "scenarios" / "baseline.yml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (folder / f"{explorer.SCENARIO}.yml").write_text(text, encoding="utf-8")
    read = scenario.load(explorer.SCENARIO, tmp_path)
    assert read.title == explorer.TITLE and set(read.changed) == {
        "include_classes",
        "bias_register_banned",
        "error_government",
    }
    assert (
        explorer.refit(made, State(levers={"pay": 2.0, "stock": 0.5})) == ""
    )  # arithmetic needs none


def test_packing_keeps_the_draws_to_its_bits():
    made = shipped()
    back = explorer.unpack(explorer.pack(made))
    np.testing.assert_allclose(np.log(back.stock), np.log(made.stock), atol=1e-4)
    np.testing.assert_allclose(np.log(back.gross), np.log(made.gross), atol=0.005)
    np.testing.assert_allclose(back.part, made.part, atol=0.003)
    assert (back.imputation == made.imputation).all() and back.groups == made.groups
    again = explorer.unpack(explorer.pack(back))
    np.testing.assert_allclose(again.stock, back.stock, rtol=1e-4)


def test_a_book_without_money_has_a_page_of_workers():
    made = shipped(gross=None, withheld=None, part=None, register=None)
    state = explorer.read_state("quantity=state&pay=2&register=1&stock=1.5", made)
    assert (state.quantity, dict(state.levers)) == ("workers", {"stock": 1.5})
    page = explorer.markup(explorer.unpack(explorer.pack(made)))
    assert 'id="ex-prices"' not in page and 'id="ex-pay"' not in page and 'id="ex-stock"' in page


@settings(max_examples=60)
@given(
    st.sampled_from(["WLD", "CHN", "others"]),
    st.sampled_from(["workers", "gross", "withheld", "state", "net"]),
    st.integers(2015, 2017),
    st.integers(0, 2),
    st.sampled_from(["current", "constant"]),
    st.integers(-20, 20),
    st.integers(0, 20),
)
def test_an_address_gives_back_the_state_that_it_came_from(
    group, quantity, start, longer, prices, shift, weight
):
    made = SMALL
    state = State(
        group,
        quantity,
        start,
        min(start + longer, 2017),
        prices,
        {"part": shift / 10} if shift else {},
        {"press": weight / 20} if weight < 20 else {},
    )
    assert explorer.read_state("#" + state.fragment(), made) == state


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_no_address_breaks_the_page(text):
    state = explorer.read_state(text, SMALL)
    assert state.group in SMALL.groups and state.start <= state.end


def test_the_shipped_draws_are_the_nearest_of_many_and_keep_the_shares_of_imputations():
    rng = np.random.default_rng(1)
    totals = {"workers": rng.lognormal(10, 0.5, (3, 4000))}
    imputation = np.repeat(np.arange(8), 500)
    rows = explorer.choose(totals, imputation, 401, 3)
    assert len(set(rows)) == 401 and np.ptp(np.bincount(imputation[rows])) <= 1
    off = np.abs(
        np.log(
            np.quantile(totals["workers"][:, rows], [0.1, 0.5, 0.9], axis=1)
            / np.quantile(totals["workers"], [0.1, 0.5, 0.9], axis=1)
        )
    )
    chance = [
        np.abs(
            np.log(
                np.quantile(totals["workers"][:, r], [0.1, 0.5, 0.9], axis=1)
                / np.quantile(totals["workers"], [0.1, 0.5, 0.9], axis=1)
            )
        ).max()
        for r in (rng.choice(4000, 401, replace=False) for _ in range(30))
    ]
    assert off.max() < np.median(chance)
    assert list(explorer.choose(totals, imputation, 5000, 3)) == list(range(4000))


def test_the_shipped_draws_print_what_the_other_chapters_print():
    rng = np.random.default_rng(2)
    totals = {
        "workers": rng.lognormal(11, 0.4, (3, 4000)),
        "state": rng.lognormal(19, 0.4, (3, 4000)),
    }
    quoted = explorer.spoken(
        tuple(totals), np.array([2016, 2017, 2018]), (2017, 2018), np.array([0.7, 0.8, 0.9])
    )
    assert quoted == [(1, 1.0), (2, 1.0), (4, 0.8), (5, 0.9)]

    def printed(rows):
        draws = np.concatenate(list(totals.values()))[:, rows]
        return [
            f"{np.quantile(draws[row], p) * factor:.2g}"
            for row, factor in quoted
            for p in (0.1, 0.5, 0.9)
        ]

    def differs(rows):
        return sum(one != other for one, other in zip(printed(rows), printed(np.arange(4000))))

    rows = explorer.choose(totals, np.repeat(np.arange(8), 500), 801, 3, quoted)
    chance = [differs(rng.choice(4000, 801, replace=False)) for _ in range(20)]
    assert differs(rows) < np.median(chance) and differs(rows) <= 1


def test_a_headline_says_what_was_asked_beside_the_baseline():
    made = shipped()
    state = explorer.read_state("group=others&from=2015&to=2016&pay=2", made)
    base = explorer.answer(made, State("others", "state", 2015, 2016))
    words = explorer.sentence(made, state, explorer.answer(made, state), base)
    assert words.startswith(
        "Taken by the state from workers in all hosts but China, 2015 to 2016, together, in dollars"
        " of each year: "
    )
    assert words.count("80 % interval") == 2 and ". Baseline: " in words


def test_what_the_page_shows_is_escaped():
    listed = explorer.questions({'a=1&b="x"': "<b>"})
    assert "<b>" not in listed and 'href="#a=1&amp;b=&quot;x&quot;"' in listed


SMALL = shipped(n=41)


def test_without_any_evidence_there_is_nothing_to_refit():
    made = shipped()
    state = explorer.read_state("&".join(f"w.{name}=0" for name in made.classes), made)
    assert (
        explorer.refit(made, state)
        == "# No class of evidence is left, so there is nothing to fit.\n"
    )


def test_questions_of_the_page_have_their_addresses_and_answers():
    made = shipped()
    found = explorer.examples(made)
    assert found["state"].is_unique and len(found) >= 10
    row = found.set_index("state").loc[
        "group=WLD&quantity=workers&from=2016&to=2016&prices=current"
    ]
    assert row["headline"].startswith("Workers in all hosts, 2016: ") and row["scenario"] == ""
    assert explorer.NOTHING_LEFT in found["scenario"].iloc[-1]  # every class is taken away
    assert found[found["scenario"] == ""]["trusted"].all()


def test_differences_are_told_at_their_largest_and_in_print():
    made = shipped()
    table = explorer.thinning(made, {"workers": made.stock.sum(axis=0)})
    worst = explorer.largest_differences(table)
    assert list(worst["probability"]) == sorted(explorer.PROBABILITIES)
    of_median = table[table["probability"] == 0.5]["difference"]
    assert worst.set_index("probability").loc[0.5, "difference"] in set(of_median)
    same, quoted = explorer.printed_alike(table, made)
    assert quoted == 6 and 0 <= same <= 6  # three quantiles of the peak and of the last year
    assert explorer.printed_alike(table.assign(shipped=table["all"]), made) == (6, 6)
    assert explorer.printed_alike(table.assign(shipped=2 * table["all"]), made) == (0, 6)
