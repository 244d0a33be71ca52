"""The worlds that can be simulated: one as the model has it, some that break one of its
assumptions, and absurd ones."""

from dataclasses import dataclass, field

from ..project import InputError

BASIC = "plain"


@dataclass(frozen=True)
class World:
    """How a ledger comes about.

    Attributes
    ----------
    title : what is special about it, in words.
    large : China and Russia are among the hosts.
    copies, copies_coded : the share of figures that repeat an earlier one, and whether the ledger
        says so.
    wild : the share of figures whose log error has a standard deviation of ``WILD_SD``, whatever
        their class.
    bias : log ratios of classes, set instead of drawn.
    late_bias : log ratios that classes add from 2020 on, of which the model knows nothing.
    lineages_misassigned : the labels of lineages are dealt out anew among the figures that have
        one.
    scandals : figures appear only of hosts and years in which the stock is large.
    without : classes that are absent.
    world_share : the share of figures that are totals of the world.
    one_lineage : all figures are of one lineage.
    contradiction : figures come in pairs of one host and date, the second this many times the
        first; 1 for none.
    zeros : of one host, which has nobody or nearly so, nothing but zeros is told.
    hosts, figures : their number, if it isn't for the caller to say.
    """

    title: str
    large: bool = True
    copies: float = 0.25
    copies_coded: bool = True
    wild: float = 0.0
    bias: dict[str, float] = field(default_factory=dict)
    late_bias: dict[str, float] = field(default_factory=dict)
    lineages_misassigned: bool = False
    scandals: bool = False
    without: tuple[str, ...] = ()
    world_share: float = 0.03
    one_lineage: bool = False
    contradiction: float = 1.0
    zeros: bool = False
    hosts: int | None = None
    figures: int | None = None


WILD_SD = 2.0
TWOFOLD = 0.693  # log 2

WORLDS = {
    BASIC: World(
        "As the model has it; a quarter of the figures are copies, and coded as such as far as a"
        " coder can know."
    ),
    "no-large": World("As the model has it, without China and Russia.", large=False),
    # One assumption broken.
    "uncoded-copies": World(
        "A quarter of the figures are copies, and nothing says so.", copies_coded=False
    ),
    "wild": World(
        "A tenth of the figures are wild: their log error has a standard deviation of 2.", wild=0.1
    ),
    "biased-class": World(
        "The press doubles what it counts, which the prior of its bias allows.",
        bias={"press": TWOFOLD},
    ),
    "class-off": World(
        "Governments are one log unit too high, which the prior of their bias all but excludes.",
        bias={"government": 1.0},
    ),
    "lineages-misassigned": World(
        "Which figures are of one lineage is coded at random.", lineages_misassigned=True
    ),
    "era-break": World(
        "From 2020 on governments tell of half the workers; the model knows such a break of"
        " registers only.",
        late_bias={"government": -TWOFOLD},
    ),
    "scandals": World("Hosts are told of only while they have many workers.", scandals=True),
    "hard": World(
        "A quarter are copies that nothing marks, a tenth are wild, and the press doubles what it"
        " counts.",
        copies_coded=False,
        wild=0.1,
        bias={"press": TWOFOLD},
    ),
    # Absurd, but well formed.
    "one-figure": World("One figure.", figures=1, copies=0.0),
    "one-host": World("One host, neither China nor Russia.", large=False, hosts=1, world_share=0.0),
    "one-lineage": World("All figures are of one lineage.", one_lineage=True, copies=0.0),
    "contradictions": World(
        "Figures of the same host and date differ by a factor of 100.",
        contradiction=100.0,
        copies=0.0,
        world_share=0.0,
    ),
    "only-zeros": World("Of one host nothing but zeros is told.", zeros=True),
    "only-world": World("All figures are totals of the world.", world_share=1.0),
    "no-registers": World("No register: nothing ties the level.", without=("register",)),
}


def find(name: str) -> World:
    """Return the world of that name.

    Raises
    ------
    InputError
        If there is none; the message lists them.
    """
    if name not in WORLDS:
        listed = "\n".join(f"  {key}: {world.title}" for key, world in WORLDS.items())
        raise InputError(f"world {name!r}: there is none of that name. There are:\n{listed}")
    return WORLDS[name]
