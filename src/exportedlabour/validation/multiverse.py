"""The analyses that another reasonable person might have made: which figures count, what copies
are, and the form of the model.

Steegen et al. 2016 (Perspectives on Psychological Science 11(5)) for the idea; Simonsohn, Simmons
and Nelson 2020 (Nature Human Behaviour 4) for the curve of their answers. What is included comes
first, as it matters most.
"""

from dataclasses import dataclass, field
from itertools import product

import numpy as np

from ..assumptions.scenario import Settings
from ..evidence.classes import registry
from ..evidence.events import SHOCKS
from ..evidence.ledger import Ledger
from ..workers import observations as designs
from ..workers.copies import of_figures
from ..workers.observations import Design

PERCENTILES = (2.5, 10, 50, 90, 97.5)
CLASSES = {"every class": ()} | dict(registry().leave_out)
COPIES = {
    "drawn": "each figure is a copy with its probability",
    "at one half": "decided at one half",
    "ignored": "all figures count alike",
}
FIGURES = {"all kinds": {}, "head counts only": {"fit_ratios_and_lists": "no", "fit_entries": "no"}}
(ANCHOR,) = registry().groups["anchor"]
CHOSEN = (  # what the book does, as an analysis among the others
    "every class, copies drawn, all kinds"
)
BY_ACCOUNT, ACCOUNT = "people sent home as exits of the account", {"people_sent_home": "account"}


@dataclass(frozen=True)
class Specification:
    """One analysis: its name, the choices it makes, the assumptions it changes."""

    name: str
    group: str
    classes: str = "every class"
    copies: str = "drawn"
    figures: str = "all kinds"
    changes: dict = field(default_factory=dict)

    def apply(
        self, ledger: Ledger, settings: Settings, chains: int
    ) -> tuple[Design, Settings, np.ndarray]:
        """Return the design, the settings, and which figures (chains, n) each chain counts (see
        ``copies.of_figures``)."""
        kept = [
            name
            for name in settings.include_classes
            if name not in CLASSES.get(self.classes, (self.classes,))
        ]
        changed = Settings(
            dict(settings) | {"include_classes": kept} | FIGURES[self.figures] | self.changes
        )
        design = designs.build(ledger, changed)
        own = {
            "drawn": design.uncopied,
            "at one half": 1.0 * (design.uncopied > 0.5),
            "ignored": np.ones(len(design.uncopied)),
        }[self.copies]
        return design, changed, of_figures(design, own, chains, changed.seed)


def specifications(settings: Settings) -> list[Specification]:
    """Return every analysis of the multiverse: all combinations of inclusion, the model's forms one
    by one, and three refits that ask what identifies the level."""
    biases = [name for name in settings if name.startswith("bias_")]
    crossed = [
        Specification(
            f"{classes}, copies {copies}, {figures}", "inclusion", classes, copies, figures
        )
        for classes, copies, figures in product(CLASSES, COPIES, FIGURES)
    ]
    forms = {
        "tails of Student with 2 degrees of freedom": {"error_df": 2},
        "tails of Student with 4 degrees of freedom": {"error_df": 4},
        "weak pull": {"pull": 0.95},
        "strong pull": {"pull": 0.7},
        "levels spread half as wide": {"level_log_sd": settings.level_log_sd / 2},
        "steps twice as large": {"step_scale_median": 2 * settings.step_scale_median},
        "steps half as large": {"step_scale_median": settings.step_scale_median / 2},
        "house effects twice as wide": {"house_sd": 2 * settings.house_sd},
        "errors of hosts by class twice as wide": {"host_class_sd": 2 * settings.host_class_sd},
        "shocks twice as wide": {
            name: _wider(settings[name]) for name in (f"shock_{shock}" for shock in SHOCKS)
        },
        "no own reopening of China and Russia": {
            "border_reopened_factor": 1.0,
            "reopening_large_sd": settings.shock_host_sd,
        },
        "no world totals": {"fit_world_totals": "no"},
        BY_ACCOUNT: ACCOUNT,
    }
    refits = [
        Specification("the anchor dropped", "identification", classes=ANCHOR),
        Specification(
            "priors of biases twice as wide",
            "identification",
            changes={b: _wider(settings[b]) for b in biases},
        ),
        Specification(
            "biases fixed at their priors' middles",
            "identification",
            changes={b: [settings[b][0], 0.001] for b in biases},
        ),
    ]
    return (
        crossed
        + [Specification(name, "form", changes=changes) for name, changes in forms.items()]
        + refits
    )


def _wider(normal: list[float]) -> list[float]:
    return [normal[0], 2 * normal[1]]
