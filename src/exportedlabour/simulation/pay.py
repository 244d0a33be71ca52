"""Figures of pay for a simulated ledger, so that the whole book can be built from it; told simply,
and not what is tried here."""

import numpy as np
import pandas as pd
from scipy.special import expit

from ..assumptions.scenario import Settings
from ..evidence.classes import registry
from ..evidence.ledger import COLUMNS, CPI
from ..evidence.rates import Rates
from .reporting import rounded

QUANTITIES = ("wage_gross", "wage_gross", "withheld_share", "state_share")  # in turn


def pay_figures(
    hosts: list[str],
    years: np.ndarray,
    rates: pd.DataFrame,
    settings: Settings,
    count: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return ``count`` rows of figures.csv on pay, with the day on which each appeared as
    ``published``.

    The wage of a host is log-normal about one mean for all, in dollars of the price year; a figure
    has it in dollars of its own year to two digits. Shares are told in tenths.
    """
    s = settings
    prices = Rates(
        rates[rates["series"] == CPI].astype({"year": int, "value": float}), s.inflation_ahead
    )
    wage = dict(
        zip(hosts, rng.normal(*s.wage_log_mean) + s.wage_host_sd * rng.standard_normal(len(hosts)))
    )
    withheld = dict(
        zip(
            hosts, rng.normal(*s.withheld_logit) + s.share_host_sd * rng.standard_normal(len(hosts))
        )
    )
    of_withheld = rng.normal(*s.state_of_withheld_logit)
    rows = []
    for k in range(count):
        host, year, evidence = (
            str(rng.choice(hosts)),
            int(rng.integers(years[0], years[-1] + 1)),
            str(rng.choice(registry().groups["tells_of_pay"])),
        )
        quantity = QUANTITIES[k % len(QUANTITIES)]
        if quantity == "wage_gross":
            dollars = np.exp(
                wage[host] + s.error_wage * rng.standard_t(s.pay_error_df)
            ) / prices.deflator(year, s.price_year)
            point, unit = f"{max(rounded(dollars, 2), 1.0):.0f}", "USD/month"
        else:
            share = expit(withheld[host] + s.error_share * rng.standard_normal())
            share *= expit(of_withheld) if quantity == "state_share" else 1.0
            point, unit = f"{np.clip(round(share, 1), 0.1, 0.9):.1f}", "fraction"
        rows.append(
            dict.fromkeys(COLUMNS, "")
            | {
                "figure_id": f"PAY{k + 1:03d}",
                "hosts": host,
                "period_start": str(year),
                "period_end": str(year),
                "quantity": quantity,
                "point": point,
                "bound": "about",
                "unit": unit,
                "sector": "mixed",
                "scope": "national",
                "source": f"pay-{k + 1:03d}",
                "asserted_by": f"Simulated {evidence} on pay",
                "evidence_class": evidence,
                "locator": "simulated",
                "seen": "original",
                "use": "fit",
                "published": f"{year + 1}-{int(rng.integers(1, 13)):02d}-15",
            }
        )
    return pd.DataFrame(rows, columns=[*COLUMNS, "published"])
