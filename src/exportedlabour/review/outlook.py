"""What the models will read of a ledger under a scenario, said before anything runs."""

from collections import Counter

from ..assumptions.scenario import Scenario
from ..evidence.ledger import FLOWS, STOCK_QUANTITIES, Ledger
from ..money.observations import pay_figures
from ..project import InputError
from ..workers.observations import fitted_figures, left_aside


def require_heads(ledger: Ledger, scenario: Scenario) -> None:
    """Refuse a ledger that leaves the workers model nothing to fit under a scenario.

    Raises
    ------
    InputError
        With the file, the years of the scenario and those of the figures, and what can be done.
    """
    if len(fitted_figures(ledger, scenario.settings)):
        return
    s, where = scenario.settings, ledger.folder / "figures.csv"
    heads = _fitted_heads(ledger)
    if heads.empty:
        raise InputError(f"{where}: no head count has use = fit, so there is nothing to estimate.")
    first, last = heads["period_start"].min()[:4], heads["period_end"].max()[:4]
    raise InputError(
        f"{where}: the scenario {scenario.name} leaves no head count to fit. It estimates"
        f" {s.first_year} to {s.last_year} from the classes {', '.join(s.include_classes)}; the"
        f" head counts with use = fit are of {first} to {last},"
        f" {', '.join(sorted(set(heads['evidence_class'])))}. A ledger of other years brings"
        f" first_year and last_year in {ledger.folder / 'scenarios' / 'baseline.yml'}."
    )


def lines(ledger: Ledger, scenario: Scenario) -> list[str]:
    """Return what the models of workers and of pay will read, and which claims there are to judge.

    One sentence a line.
    """
    s = scenario.settings
    heads, pay = fitted_figures(ledger, s), pay_figures(ledger, s)
    years = f"{s.first_year} to {s.last_year}"
    single = set(heads["hosts"]) & set(ledger.hosts.query("treatment == 'trajectory'")["iso3"])
    lines = [
        f"{scenario.name}: workers of {years} from {len(heads)} figures, with figures of their own"
        f" for {len(single)} hosts."
    ]
    aside = [row for _, row in _fitted_flows(ledger).iterrows() if left_aside(row)]
    if aside:
        kinds = Counter(row["quantity"].replace("_", " ") for row in aside)
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        lines.append(
            f"{len(aside)} flows are marked fit and left aside by this model, which cannot read"
            f" them: {told}."
        )
    if left := len(_fitted_heads(ledger)) - len(heads):
        lines.append(
            f"{left} more are marked fit and not read: of classes or kinds that the scenario leaves"
            f" out, or outside {years}."
        )
    if (pay["quantity"] == "wage_gross").any():
        lines.append(f"money from {len(pay)} figures of pay, shares and plans.")
    else:
        lines.append("no figure of gross pay is fitted: no money is estimated.")
    if not (ledger.figures["use"] == "judge").any():
        lines.append("no figure is set aside to be judged: there is no chapter of claims.")
    return lines


def _fitted_heads(ledger: Ledger):
    figures = ledger.figures
    heads = figures[(figures["use"] == "fit") & figures["quantity"].isin(STOCK_QUANTITIES)]
    return heads[[not left_aside(row) for _, row in heads.iterrows()]]


def _fitted_flows(ledger: Ledger):
    figures = ledger.figures
    return figures[(figures["use"] == "fit") & figures["quantity"].isin(FLOWS)]
