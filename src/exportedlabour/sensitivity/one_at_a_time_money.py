"""One-at-a-time sensitivity of what the state takes to the assumptions about money.

Assumptions that are priors of stored quantities are moved by weights, as in ``one_at_a_time``.
Those that act on each draw after the fit are computed again on the same draws: months paid, the
Russian plan, errors of definition, IT workers. An error has a log-normal prior. A spread is a scale
without a prior; it is multiplied by the factor of ``one_at_a_time.scale_factor``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit
from scipy.stats import beta

from ..assumptions.scenario import Settings
from ..money import it, revenue
from .one_at_a_time import REFIT, Recomputed, Reweighted, half_normal_ratio, scale_factor, shifted

REACHES = "state"
OUTSIDE = "IT workers are in no headline: set include_it to yes"
NORMAL = {
    "wage_log_mean": "wage_mean",
    "withheld_logit": "withheld_mean",
    "state_of_withheld_logit": "state_mean",
    "plan_logging_offset": "plan_logging_offset",
}
SPREAD = {
    "wage_region_sd": ("wage_region_sd",),
    "wage_host_sd": ("wage_host_sd",),
    "wage_sector_sd": ("sector_sd",),
    "share_region_sd": ("withheld_region_sd",),
    "share_host_sd": ("withheld_host_sd", "state_host_sd"),
}
ERROR = {"error_wage": ("error_wage", "error_plan"), "error_share": ("error_share",)}
GRID = 5001  # quantiles at which the inverse of a beta is computed; linear between them
HEADS = tuple(f"it_heads_{year}" for year in it.KNOTS)


@dataclass(frozen=True)
class Take:
    """What the state's take is made of, in the years of the headlines.

    Attributes
    ----------
    workers : draws (d, h, t) of persons.
    pay : the same draws of pay.
    mix : the same draws of sectors, or None where none are stored.
    hosts, years : (h,) and (t,).
    names : (t,), of the headlines.
    factors : (t,), what a dollar of the price year is in dollars of each year.
    """

    workers: np.ndarray
    pay: revenue.Pay
    mix: revenue.Mix | None
    hosts: tuple[str, ...]
    years: np.ndarray
    names: tuple[str, ...]
    factors: np.ndarray

    def of(self, pay: revenue.Pay, settings: Settings) -> dict[str, np.ndarray]:
        """Return draws (d,) of the state's take in dollars of each year, by name of the headline.

        IT workers are in it if ``settings`` include them.
        """
        total = self.from_hosts(pay, np.arange(len(self.hosts)))
        if settings.include_it == "yes":
            apart = it.draw(settings, self.years, len(total), it.randomness(settings))
            total[:, np.isin(self.years, apart.years)] += apart.money["state"]
        return dict(zip(self.names, total.T))

    def from_hosts(self, pay: revenue.Pay, some: np.ndarray) -> np.ndarray:
        """Return draws (d, t) of the state's take from some hosts, in dollars of each year.

        ``some`` are the positions of the hosts.
        """
        each = revenue.per_worker(pay, self.hosts, self.years)["state"]
        return (self.workers[:, some] * each[:, some]).sum(axis=1) * self.factors


def money_shifts(
    settings: Settings, take: Take, top: Mapping[str, np.ndarray]
) -> dict[str, Reweighted | Recomputed | str]:
    """Return, by assumption about money, its shift, or the reason why there is none.

    Parameters
    ----------
    top : draws (d,) by name, as ``revenue.read_top`` returns them, paired with ``take.pay``.
    """
    return (
        _reweighted(settings, take.pay, top) | _recomputed(settings, take) | _of_it(settings, take)
    )


def _reweighted(
    settings: Settings, pay: revenue.Pay, top: Mapping[str, np.ndarray]
) -> dict[str, Reweighted | str]:
    shifts: dict[str, Reweighted | str] = {}
    for name, stored in NORMAL.items():
        mean, sd = settings[name]
        shifts[name] = (
            Reweighted(
                f"mean {mean:g}", f"mean {mean + sd:.3g}", shifted(top[stored], mean, sd), REACHES
            )
            if stored in top
            else REFIT
        )
    mean, sd = settings.wage_trend  # also the prior of the trend of the plan
    shifts["wage_trend"] = Reweighted(
        f"mean {mean:g}",
        f"mean {mean + sd:.3g}",
        shifted(np.column_stack([pay.trend, pay.plan_trend]), mean, sd),
        REACHES,
    )
    median, sd = settings.plan_dollars_a_year
    shifts["plan_dollars_a_year"] = Reweighted(
        f"median {median:g}",
        f"median {median * np.exp(sd):,.0f}",
        shifted(np.log(pay.plan), np.log(median), sd),
        REACHES,
    )
    factor = scale_factor(settings)
    ratios = (
        (SPREAD, lambda x, scale: half_normal_ratio(x, scale, factor)),
        (ERROR, lambda x, median: shifted(np.log(x), np.log(median), settings.error_log_sd)),
    )
    for names, ratio in ratios:
        for name, stored in names.items():
            value = settings[name]
            known = all(each in top for each in stored)
            shifts[name] = (
                Reweighted(
                    f"{value:g}",
                    f"{value * factor:.3g}",
                    sum(ratio(top[n], value) for n in stored),
                    REACHES,
                )
                if known
                else REFIT
            )
    return shifts


def _recomputed(settings: Settings, take: Take) -> dict[str, Recomputed | str]:
    pay, s, factor = take.pay, settings, scale_factor(settings)
    shifts: dict[str, Recomputed | str] = {}

    def put(name: str, given: str, moved: str, changed: revenue.Pay) -> None:
        shifts[name] = Recomputed(given, moved, take.of(changed, settings))

    def interval(name: str, change: Callable[[float], revenue.Pay]) -> None:
        given, moved, add = up(s[name])
        put(name, given, moved, change(add))

    interval("idle_months_factor", lambda add: replace(pay, idle=np.minimum(pay.idle + add, 1.0)))
    interval(
        "plan_part_of_gross",
        lambda add: replace(pay, plan_part=np.minimum(pay.plan_part + add, 1.0)),
    )
    interval(
        "plan_costs_of_rest",
        lambda add: replace(pay, plan_costs=np.minimum(pay.plan_costs + add, 1.0)),
    )
    if take.mix is None:
        shifts["plan_share_russia"] = REFIT
    else:
        interval(
            "plan_share_russia",
            lambda add: revenue.with_share_under_plan(pay, take.mix, take.hosts, add),
        )

    share, strength = s.months_paid_share, s.months_paid_strength
    higher = min(share + np.sqrt(share * (1 - share) / (strength + 1)), 0.99)
    for name, value, then in (
        ("months_paid_share", share, (higher, strength)),
        ("months_paid_strength", strength, (share, strength * factor)),
    ):
        moved = then[0] if name == "months_paid_share" else then[1]
        put(
            name,
            f"{value:g}",
            f"{moved:.3g}",
            replace(pay, months=months_with(pay.months, (share, strength), then)),
        )

    rng = np.random.default_rng([s.seed, 21])

    def more(sd: float) -> np.ndarray:
        # To widen a normal error, an independent normal error is added to it.
        return (
            sd
            * np.sqrt(factor**2 - 1)
            * revenue.shared_errors(rng, pay.wage.shape, s.host_error_correlation)
        )

    sd = s.definition_wage_sd
    put(
        "definition_wage_sd",
        f"{sd:g}",
        f"{sd * factor:.3g}",
        replace(pay, wage=pay.wage * np.exp(more(sd))),
    )
    sd = s.definition_share_sd
    withheld = expit(logit(pay.withheld) + more(sd))
    state = withheld * expit(logit(np.minimum(pay.state / pay.withheld, 1.0)) + more(sd))
    put(
        "definition_share_sd",
        f"{sd:g}",
        f"{sd * factor:.3g}",
        replace(pay, withheld=withheld, state=state),
    )
    return shifts


def up(ends: tuple[float, float]) -> tuple[str, str, float]:
    """Return an interval of shares before and after it is moved up, in words, and by how much.

    That is one standard deviation of a uniform draw from it.
    """
    low, high = ends
    add = (high - low) / np.sqrt(12)
    return f"{low:g} to {high:g}", f"{min(low + add, 1):.3g} to {min(high + add, 1):.3g}", add


def months_with(
    months: np.ndarray, given: tuple[float, float], then: tuple[float, float]
) -> np.ndarray:
    """Return months paid under another beta distribution, each draw at its old quantile.

    ``given`` and ``then`` are the mean share of twelve months and the strength (pseudo-months).
    """

    def both(mean: float, strength: float) -> tuple[float, float]:
        return mean * strength, (1 - mean) * strength

    def moved(some: np.ndarray) -> np.ndarray:
        return 12 * beta.ppf(beta.cdf(some / 12, *both(*given)), *both(*then))

    if months.size <= GRID:
        return moved(months)
    # The inverse of a beta is slow. The months after are a smooth function of the months before, so
    # they are computed at many quantiles and interpolated between them.
    known = np.unique(np.quantile(months, np.linspace(0, 1, GRID)))
    return np.interp(months, known, moved(known))


def _of_it(settings: Settings, take: Take) -> dict[str, Recomputed | str]:
    names = (*HEADS, "it_gross_month", "it_state_share", "it_others_share")
    if settings.include_it != "yes":
        return dict.fromkeys(names, OUTSIDE)
    shifts: dict[str, Recomputed | str] = {}
    for name in names:
        first, second = settings[name]
        if name in ("it_state_share", "it_others_share"):
            given, moved, add = up((first, second))
            value = [min(first + add, 1.0), min(second + add, 1.0)]
        else:
            value = [first * np.exp(second), second]
            given, moved = f"median {first:g}", f"median {value[0]:,.0f}"
        shifts[name] = Recomputed(
            given, moved, take.of(take.pay, Settings(dict(settings) | {name: value}))
        )
    return shifts
