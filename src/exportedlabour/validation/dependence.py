"""What the answers depend on: the priors at the top of the model, and single sources."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ..assumptions.scenario import Settings
from ..evidence.events import SHOCKS
from ..evidence.hosts_apart import UNPOOLED
from ..evidence.ledger import Ledger
from ..inference import importance
from ..workers import priors
from ..workers.observations import Design
from . import holdouts

FIGURES = "figures"  # the component that is no prior
SURE = 3  # Monte Carlo errors; some hundreds of sources are looked at
SHOWN = 12  # sources
ASKED = (2017, 2020, 2024)  # years of the world whose dependence on priors is asked


def densities(design: Design, settings: Settings, drawn: dict) -> dict[str, np.ndarray]:
    """Return the log density (d,) of each group of priors at the top of the model.

    Parameters
    ----------
    drawn : draws (d,) of the top level by name, as ``workers.stored.write_hyper`` has them. Errors
        are looked at on the log scale, on which they are drawn.
    """
    given = priors.build(design, settings)

    def of(prior: priors.Normal, names: list[str], values=lambda x: x) -> np.ndarray:
        """Sum the log densities of what stands under ``names``, one after another."""
        columns = np.column_stack([values(drawn[name]) for name in names])
        return sum(prior.log_density(columns).T)

    return {
        "biases of classes": of(given.bias, [f"bias:{name}" for name in design.biases]),
        "errors of classes": of(
            given.error.log, [f"error:{name}" for name in design.biases], np.log
        ),
        "shocks": of(given.shock, [f"shock:{name}" for name in SHOCKS]),
        "levels and steps": given.level_mean.log_density(drawn["level_mean"])
        + given.level_sd.log_density(drawn["level_sd"])
        + given.log_step_median.log_density(drawn["log_step_median"]),
        "turnover and coverage": given.log_turnover.log_density(drawn["log_turnover"])
        + given.coverage.log_density(drawn["coverage"]),
    }


class OnPriors(NamedTuple):
    """How five answers react to the power of each of ``groups`` of priors and of the figures:
    ``scaled`` as ``importance.power_scaling`` has it, ``table`` the sensitivities alone (component
    by answer), ``strong`` the lines of priors that matter."""

    scaled: pd.DataFrame
    table: pd.DataFrame
    groups: list[str]
    strong: pd.DataFrame


def on_priors(
    design: Design,
    settings: Settings,
    ledger: Ledger,
    stock: np.ndarray,
    codes: tuple[str, ...],
    drawn: dict[str, np.ndarray],
    log_likelihood: np.ndarray,
) -> OnPriors:
    """Return how the answers would move with stronger and weaker priors.

    Parameters
    ----------
    stock : draws (d, hosts, years) of the workers in ``codes``, in persons; drawn : the same draws
        of the top level (d,); log_likelihood : of the figures (d, n).
    """
    parts = densities(design, settings, drawn)
    groups = list(parts)
    parts |= {FIGURES: log_likelihood.sum(axis=1)}
    years, world = list(design.years), stock.sum(axis=1)
    asked = pd.DataFrame({f"world {year}": np.log(world[:, years.index(year)]) for year in ASKED})
    for code in (code for code in UNPOOLED if code in codes):
        of_host = stock[:, codes.index(code), -1]
        asked[f"{ledger.host_name(code)} {years[-1]}"] = np.log(of_host)
    scaled = importance.power_scaling(asked, parts, imputation=drawn["imputation"])
    table = scaled.pivot(index="component", columns="quantity", values="sensitivity")
    strong = scaled[scaled["component"].isin(groups) & scaled["sensitive"]]
    return OnPriors(scaled, table.loc[list(parts), list(asked)], groups, strong)


class OnSources(NamedTuple):
    """How the world's workers would move without one source.

    Attributes
    ----------
    moved : by reweighting, as ``importance.influence`` has it.
    trusted : what may be published: the refits, and what reweighting gave where its weights are
        even enough; with ``change, change_low, change_high``, per cent, ends at 95 % of the Monte
        Carlo error.
    listed : the lines of the sources that move it most, beyond chance.
    """

    moved: pd.DataFrame
    trusted: pd.DataFrame
    listed: pd.DataFrame

    @property
    def unknown(self) -> int:
        """How many sources have neither a refit nor weights that can be trusted."""
        return len(set(self.moved["group"]) - set(self.trusted["group"]))


def on_sources(
    design: Design,
    world: np.ndarray,
    log_likelihood: np.ndarray,
    imputation: np.ndarray,
    left_out: pd.DataFrame,
) -> OnSources:
    """Return how the world's workers of 2017 and of the last year would move without one source.

    Parameters
    ----------
    world : draws (d, years) in persons, log_likelihood : (d, n) of the same draws, imputation :
        (d,) of copies. left_out : the refits without one source (``summary.without``).
    """
    years = list(design.years)
    headlines = pd.DataFrame(
        {f"world {year}": np.log(world[:, years.index(year)]) for year in (2017, int(years[-1]))}
    )
    origins = holdouts.origins(design.figures)
    moved = importance.influence(headlines, log_likelihood, origins, imputation)
    refitted = importance.refitted_influence(left_out, headlines)
    by_weights = moved[~moved["refit"] & ~moved["group"].isin(refitted["group"])]
    trusted = pd.concat([refitted, by_weights])
    shift, error = trusted["shift"], 1.96 * trusted["error"]
    trusted = trusted.assign(
        change=100 * np.expm1(shift),
        change_low=100 * np.expm1(shift - error),
        change_high=100 * np.expm1(shift + error),
    )
    certain = trusted[trusted["shift"].abs() > SURE * trusted["error"]]
    top = certain.groupby("group")["change"].apply(lambda x: np.abs(x).max())
    top = top.nlargest(SHOWN).index
    listed = trusted[trusted["group"].isin(top)]
    listed = listed.assign(group=pd.Categorical(listed["group"], top, ordered=True))
    listed = listed.sort_values(["group", "quantity"]).astype({"group": str})
    return OnSources(moved, trusted, listed)
