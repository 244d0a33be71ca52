"""What no figure measures of pay, drawn beside the fit: errors of definition, months, the plan."""

import numpy as np
from scipy.special import expit, ndtr
from scipy.stats import beta

from ..assumptions.scenario import Settings
from ..evidence.hosts_apart import PLAN_HOST
from .observations import PayDesign
from .posterior import PayFit
from .revenue import BUILDING, Mix, Pay, outside_plan, select, select_mix, shared_errors


def pay_draws(
    fit: PayFit, design: PayDesign, settings: Settings, rng: np.random.Generator
) -> tuple[Pay, Mix]:
    """Add to the posterior of pay what no figure measures: definitional errors shared over hosts,
    months, idleness.

    Treating hosts as independent would make the world's interval too narrow: the same words
    ("wage", "taken") mean the same wrong thing in many hosts. Months are twelve times a beta; its
    errors are shared through a Gaussian copula. In Russia no more workers are under the plan than
    there are builders, and the others' wage is that of the other sectors and the builders outside
    the plan.
    """
    s = settings
    log_wage, logit_withheld = fit.stack("log_wage"), fit.stack("logit_withheld")
    share, relative = fit.stack("mix"), np.exp(fit.stack("sector_effect"))
    shape = log_wage.shape
    rho = s.host_error_correlation
    withheld = expit(logit_withheld + s.definition_share_sd * shared_errors(rng, shape, rho))
    part = expit(
        fit.stack("logit_state_of_withheld")
        + s.definition_share_sd * shared_errors(rng, shape, rho)
    )
    wage = np.exp(log_wage + s.definition_wage_sd * shared_errors(rng, shape, rho))
    paid = (
        s.months_paid_share * s.months_paid_strength,
        (1 - s.months_paid_share) * s.months_paid_strength,
    )
    low, high = s.plan_part_of_gross
    under_plan = rng.uniform(*s.plan_share_russia, shape[0])
    if PLAN_HOST in design.hosts and BUILDING in design.sectors:
        i, k = design.hosts.index(PLAN_HOST), design.sectors.index(BUILDING)
        share = share.copy()
        under_plan, share[:, i], change = outside_plan(under_plan, share[:, i], relative, k)
        wage[:, i] *= change
    pay = Pay(
        wage=wage,
        months=12 * beta.ppf(ndtr(shared_errors(rng, shape, rho)), *paid),
        withheld=withheld,
        state=withheld * part,
        trend=fit.stack("trend"),
        idle=rng.uniform(*s.idle_months_factor, shape[0]),
        plan=np.exp(fit.stack("log_plan")),
        plan_trend=fit.stack("plan_trend"),
        under_plan=under_plan,
        plan_part=rng.uniform(low, high, shape[0]),
        plan_costs=rng.uniform(*s.plan_costs_of_rest, shape[0]),
        plan_elsewhere=np.full(shape[0], float(s.plan_share_elsewhere)),
    )
    return pay, Mix(share, relative, design.sectors)


def paired(
    fit: PayFit, design: PayDesign, settings: Settings, hosts: tuple[str, ...], count: int
) -> tuple[Pay, Mix, np.ndarray]:
    """Return ``pay_draws`` for ``count`` draws of the workers in ``hosts``, and which draws
    (count,) of the fit they are."""
    rng = np.random.default_rng(settings.seed + 1)
    pay, mix = pay_draws(fit, design, settings, rng)
    chosen = np.arange(count) if count == len(pay.wage) else rng.integers(0, len(pay.wage), count)
    positions = [design.hosts.index(code) for code in hosts]
    return select(pay, chosen, positions), select_mix(mix, chosen, positions), chosen
