"""The form of the ledger: its tables, their columns, and the words that they use.

The one home of what a column means and may hold. ``ledger`` checks files against it,
``datapackage`` publishes it.
"""

import re

from ..columns import Column, Table
from .classes import registry
from .regions import CODE_PATTERN

SCOPES = {
    "national": "the whole of the named host, or of the world",
    "region": "one province or city",
    "site": "one building site, plant or zone",
    "employer": "one employer, trade, visa programme or other group of people within the host",
}
CLASSES = {name: each.meaning for name, each in registry().classes.items()}
BOUNDS = {
    "exact": "stated to the last digit",
    "about": "rounded: an interval set by its significant digits",
    "range": "between low and high",
    "at_least": "low or more",
    "at_most": "high or less",
    "order_of_magnitude": "known to a power of ten",
}
USES = {
    "fit": "enters a model",
    "judge": "a published claim, compared with the model's answer and never fitted",
    "context": "shown, not fitted",
    "exclude": "wrong, suspect, or the same statement twice",
}
SEEN = {
    "original": "the asserting body's own text was read",
    "secondary": "another's report of it was read",
    "recalled": "no text was found; never fitted",
}
QUANTITIES = {
    "stock_workers": "workers in the host at a time",
    "residents": "all nationals of the DPRK in the host at a time",
    "work_permits": "work permits valid at a time",
    "permits_issued": "work or residence permits issued in a period",
    "visas_issued": "visas issued in a period",
    "workers_sent": "workers who came or were sent in a period",
    "entries": "border crossings into the host in a period, all purposes",
    "entries_crew": (
        "border crossings in a period of the class worker and crew, as China's statistics have it"
    ),
    "entries_work": "border crossings in a period with work as the stated purpose",
    "entries_study": "border crossings in a period with study as the stated purpose",
    "entries_business": "border crossings in a period with business as the stated purpose",
    "entries_other": (
        "border crossings in a period with another single purpose: crews, transit, tourism, private"
    ),
    "repatriated": "workers whom the host sent home in a period",
    "departures": (
        "workers or nationals who left in a period in another way, or of whom it is not said that"
        " they were workers"
    ),
    "quota": "the number allowed",
    "planned": "an intention, not an event",
    "cumulative": "persons over several years",
    "ratio": "a change or part without a level",
    "wage_gross": "pay per worker before anything is taken",
    "wage_net": "pay that reaches the worker",
    "state_share": "part of gross pay that the state alone takes, layers told apart",
    "withheld_share": "part of gross pay kept by anyone but the worker",
    "undivided_share": "part said to be taken, with no word on which layers",
    "worker_share": "part of gross pay that the worker keeps",
    "plan_payment": "a fixed sum per worker due whatever is earned",
    "withheld_payment": "a sum per worker taken by all layers together",
    "state_payment": "a sum per worker passed to the state",
    "revenue_total": "money a year or month, all workers together",
    "host_countries": "number of host countries",
    "deaths": "deaths of workers",
    "hours_month": "hours worked (the unit says per what)",
    "modern_slavery_population": "people in modern slavery, mostly inside the country",
    "other": "anything else",
}
HEAD_COUNTS = (
    "stock_workers",
    "work_permits",
    "permits_issued",
    "workers_sent",
    "entries",
    "entries_crew",
    "repatriated",
    "quota",
    "residents",
)
LEFT_ASIDE = (
    "visas_issued",
    "entries_work",
    "entries_study",
    "entries_business",
    "departures",
)  # flows that the model cannot read
FLOWS = ("workers_sent", "entries", "entries_crew", "repatriated", "permits_issued", *LEFT_ASIDE)
TREATMENTS = {
    "trajectory": "a latent path is fitted",
    "predictive": "named as a host, no usable figure: a predictive distribution, flagged no data",
    "zero": (
        "its government declared that no workers are there, and nobody else says otherwise: a"
        " documented zero"
    ),
    "none": "named, but not modelled: transit, refusal, a plan, or only people outside the count",
    "group": "a region or the world, for figures that name no country",
}
HOUSE_KINDS = {
    "press": "newspapers, agencies, broadcasters, and whoever they leave unnamed",
    "host_government": "an authority of the host country",
    "other_government": (
        "an authority of another country, South Korea's and the United States' above all"
    ),
    "intergovernmental": "the United Nations and other bodies of states",
    "ngo": "a non-governmental organisation",
    "scholar": "a university, an institute, a researcher",
    "employer": "a firm that pays",
    "witness": "a worker, a manager or another person who was there",
    "unknown": "not stated",
}
EVENT_KINDS = {
    "resolution": "a resolution of the Security Council",
    "deadline": "a date by which something had to be done",
    "host_decision": "what a host decided or declared",
    "departure": "workers leave",
    "arrival": "workers arrive",
    "plan": "an agreement or intention",
    "border": "a border closes or opens",
    "measure": "a measure of another government or body",
}
BASES = {
    "same_statement": "the same statement of the same body, met in another report",
    "cited": "the later text names the earlier one",
    "rare_number": "the same number of three digits or more, later",
    "round_number": "the same round number, later",
    "inferred": "content, date or wording point to it; nothing names it",
}
BASIS_PROBABILITY = {
    "same_statement": 0.95,
    "cited": 0.95,
    "rare_number": 0.7,
    "round_number": 0.3,
}  # inferred: as the coder judges
CHECKS = {
    "confirmed": "a text that states the figure was read again, and the row is right",
    "corrected": "a text that states the figure was read again, and the row was mended",
    "contradicted": "a text was read that does not agree, and which is right could not be settled",
    "not_found": "searched for, and no text that states the figure was found",
    "not_searched": "not searched for again",
}
READ = {"original": "the asserting body's own text", "report": "another's report of it"}
POPULATIONS = {
    "state_workers": "people whom a state firm sent to work, as those count who know of the firms",
    "everyone": "everyone at work, on any paper: permit, student, trainee or visitor",
    "permit_holders": "holders of a work permit or work visa that is valid",
    "former_permits": "people whose work permit has run out",
    "nationals": "all citizens of the DPRK in the host, workers or not",
    "province": "a part of the host, told as the whole",
    "not_said": "workers, with no word on which",
}
RATIO_READINGS = {
    "share": "the first stock as a part of the second",
    "fall": "by which part the first stock is smaller than the second",
}
SETTLED = {
    "rule": "one side is fitted, by the rule named",
    "both": "both sides are fitted, and their disagreement widens the answer",
    "neither": "neither side is fitted",
}
CASCADE_KEYS = r"^[a-z0-9.]+(-[a-z0-9.]+)*$"
PERIOD = re.compile(r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")
RULE = re.compile(
    r"\(((?:C\d+)(?:, ?C\d+)*)\)"
)  # a rule of coding as a reason cites it: (C7) or (C7, C10)
UNSAFE = re.compile(r"^[=+\-@\t\r]")  # what a spreadsheet would run as a formula


def wrong_with(text: str) -> str:
    """Return which rule a free text breaks, as it is told, or "": tables, the bibliography and
    scenarios have the same two."""
    if UNSAFE.match(text):
        return "must not begin with =, +, -, @ or a tab: a spreadsheet would run it as a formula"
    if not text.isprintable():
        return "must be one line of printable text, without marks of control or direction"
    return ""


def _table(
    name: str,
    title: str,
    meaning: str,
    columns: tuple[Column, ...],
    keyed: bool = True,
    optional: bool = False,
) -> Table:
    """Return a table of the ledger; the first column is its key unless ``keyed`` is false."""
    return Table(name, title, meaning, columns, (columns[0].name,) if keyed else (), optional)


FIGURE_IDS = {
    "refers": "figures",
    "several": True,
    "rule": "must be figure ids of figures.csv joined by +, or empty",
}
HOST_RULE = "must be codes of hosts.csv (ISO 3166 alpha-3, WLD or a region), joined by + if several"

CLAIM_EVALUATIONS = {
    "quantity": "its figure is compared with the posterior of the quantity that it claims",
    "apart": "its figure is of something else, and is shown beside the workers abroad of its year",
    "share": "that hosts have a part of all workers of a year, from low to high",
    "growth": "that there were more workers, from low to high times as many, between two years",
    "trades": "that some trades are the largest of a year",
    "deaths": "that workers died in each of some hosts",
    "record": "no quantity: decided by the figures that speak for it and against it",
}
CLAIM_NEEDS = {  # what a claim has to have, by how it is evaluated
    "quantity": ("figure",),
    "apart": ("figure",),
    "share": ("hosts", "period_start", "low"),
    "growth": ("period_start", "period_end", "low"),
    "trades": ("sectors", "period_start"),
    "deaths": ("hosts",),
    "record": (),
}

FIGURES = _table(
    "figures", "Published figures", "One published figure a row.",
    (
        Column("figure_id", "topic and number, never used again", unique=True,
               pattern=r"^[A-Z]{3}\d{3,4}$",
               rule="must be three capitals and a number, such as RUS001"),
        Column("hosts",
               "ISO 3166 alpha-3 codes joined by +, WLD for the world, or a region of hosts.csv",
               refers="hosts", several=True, rule=HOST_RULE),
        Column("period_start",
               "beginning of what the figure refers to (not when it was printed): YYYY, YYYY-MM or"
               " YYYY-MM-DD",
               kind="period"),
        Column("period_end", "end of what the figure refers to", kind="period"),
        Column("quantity", "what was counted", options=QUANTITIES),
        Column("low", "lower end, as stated", kind="number", required=False),
        Column("point", "the number, as stated", kind="number", required=False),
        Column("high", "upper end, as stated", kind="number", required=False),
        Column("bound", "how the number was stated", options=BOUNDS),
        Column("unit", "persons, permits, USD/month, fraction, ..."),
        Column("sector", "construction, textiles, logging, ...; mixed or unknown"),
        Column("scope", "how much of the host is meant: a part never passes as a country",
               options=SCOPES),
        Column("asserted_by", "the body that asserts it, in words", refers="houses",
               rule="must be one of the keys of houses.csv"),
        Column("evidence_class", "what kind of claim it is", options=CLASSES),
        Column("source", "where it was read: a key of sources.bib",
               rule="every figure needs a source: a key of sources.bib"),
        Column("locator", "page or paragraph; \"not recorded\" where it was not noted"),
        Column("seen",
               "whose text was read, when the row was gathered or held against its source again",
               options=SEEN),
        Column("lineage", "the family of figures of one origin, if it has one", required=False,
               refers="lineages"),
        Column("copy_probability",
               "the probability that this row merely repeats an older member of its lineage",
               kind="share", required=False),
        Column("use", "what is done with it", options=USES),
        Column("reason",
               "why it is not fitted, or how it is read, with the rule of coding in brackets",
               required=False),
        Column("note", "what the gatherer noted", required=False),
    ),
)  # fmt: skip
HOSTS = _table(
    "hosts", "Hosts", "Every country ever named as a host, and the regions that figures name.",
    (
        Column("iso3", "ISO 3166 alpha-3 code, WLD or a region", unique=True, pattern=CODE_PATTERN,
               rule="must be an ISO 3166 alpha-3 code, WLD or a region"),
        Column("name", "short English name"),
        Column("region", "the region under which it is listed"),
        Column("treatment", "what the model gives it", options=TREATMENTS),
        Column("main_sector", "what most of its workers did"),
        Column("first_named", "the year in which it was first named, as far as is known",
               kind="year"),
        Column("named_by", "who named it, and when"),
        Column("presence", "what shows that workers came, were absent or left"),
        Column("source_figures", "the figures behind that", required=False, **FIGURE_IDS),
    ),
)  # fmt: skip
HOUSES = _table(
    "houses", "Houses",
    "Who asserts figures: each wording of figures.csv, and the house that it belongs to.",
    (
        Column("asserted_by", "as in figures.csv", unique=True),
        Column("house", "the body behind it; one house may speak in many wordings"),
        Column("kind", "what kind of body", options=HOUSE_KINDS),
    ),
)  # fmt: skip
LINEAGES = _table(
    "lineages", "Lineages", "Families of figures of one origin.",
    (
        Column("lineage", "its key", unique=True),
        Column("title", "a short name"),
        Column("root", "the oldest member in the ledger; empty if that is outside", required=False,
               **FIGURE_IDS),
        Column("basis", "how the family is known"),
        Column("description", "what its members are"),
    ),
)  # fmt: skip
EVENTS = _table(
    "events", "Events", "Resolutions, deadlines, closures and what hosts decided.",
    (
        Column("event_id", "its key", unique=True),
        Column("date_start", "when it began", kind="period"),
        Column("date_end", "when it ended", kind="period"),
        Column("hosts", "whom it concerns", refers="hosts", several=True,
               rule="must be codes of hosts.csv"),
        Column("kind", "what kind of event", options=EVENT_KINDS),
        Column("title", "a short name"),
        Column("description", "what happened"),
        Column("source_figures", "the figures that show it", required=False, **FIGURE_IDS),
        Column("source_text", "another source, where no figure does", required=False),
    ),
)  # fmt: skip
RATES = _table(
    "rates", "Rates", "Yearly mean exchange rates to the US dollar, and US consumer prices.",
    (
        Column("series", "ISO 4217 code of a currency, or CPI-U"),
        Column("year", "calendar year", kind="year"),
        Column("value", "units of the currency per dollar, or the index", kind="number",
               pattern=r"^(?!0*\.?0*$)", rule="must be a number above zero"),
        Column("unit", "of the value"),
        Column("days", "days averaged", kind="number", required=False),
        Column("source", "where it comes from"),
        Column("note", "gaps and stand-ins", required=False),
    ),
    keyed=False,
)  # fmt: skip
RULES = _table(
    "rules", "Rules of coding", "How a figure is coded, so that two coders give one answer.",
    (
        Column("rule", "its number, as reasons cite it", unique=True, pattern=r"^C\d+$",
               rule="must be C and a number"),
        Column("title", "a short name"),
        Column("text", "the rule"),
    ),
    optional=True,
)  # fmt: skip
CONFLICTS = _table(
    "conflicts", "Conflicts",
    "Figures that cannot all be right, and how each conflict was settled.",
    (
        Column("conflict", "its key", unique=True),
        Column("hosts", "whom it concerns", refers="hosts", several=True,
               rule="must be codes of hosts.csv"),
        Column("figures", "the figures in conflict", **FIGURE_IDS),
        Column("what", "what they say"),
        Column("settled", "how it was settled", options=SETTLED),
        Column("rule", "the rule of coding that settles it", refers="rules"),
        Column("reason", "why"),
    ),
    optional=True,
)  # fmt: skip
COPIES = _table(
    "copies", "Copies",
    "Who copies whom: one line for each earlier figure that a later one repeats or grew from.",
    (
        Column("figure_id", "the later figure", refers="figures",
               rule="must be a figure id of figures.csv"),
        Column("of", "the earlier figure", refers="figures",
               rule="must be a figure id of figures.csv"),
        Column("basis", "how it is known", options=BASES),
        Column("change", "what changed on the way, if anything did", required=False),
    ),
    keyed=False, optional=True,
)  # fmt: skip
CASCADES = _table(
    "cascades", "Cascades", "The repeated claims, from first appearance to latest repeat.",
    (
        Column("cascade", "its key", unique=True, pattern=CASCADE_KEYS,
               rule="must be lower-case words and numbers joined by -"),
        Column("title", "the claim"),
        Column("lesson", "what happened to it on the way"),
        Column("figures", "its members, in order of appearance", **FIGURE_IDS),
    ),
    optional=True,
)  # fmt: skip
CHECKED = _table(
    "checks", "Checks",
    "Which rows were held against their sources again, when, and what came of it.",
    (
        Column("figure_id", "the figure", unique=True, refers="figures",
               rule="must be a figure id of figures.csv, once"),
        Column("checked", "the day", kind="period"),
        Column("result", "what came of it", options=CHECKS),
        Column("read", "whose text was read", required=False, options=READ),
        Column("where", "the address of what was read", required=False,
               pattern=r"^https?://[^\s<>\"]+$", rule="must be empty or a web address"),
        Column("note", "what it says", required=False),
    ),
    optional=True,
)  # fmt: skip
GAPS = _table(
    "gaps", "Gaps", "What was looked for and not found.",
    (
        Column("gap", "its key", unique=True),
        Column("hosts", "whom it concerns", refers="hosts", several=True,
               rule="must be codes of hosts.csv"),
        Column("sought", "what was looked for"),
        Column("outcome", "what was found instead, if anything"),
    ),
    optional=True,
)  # fmt: skip
RECODING = _table(
    "recoding", "Second coding",
    "A random sample of rows coded again from the rules alone, without sight of the first coding.",
    (
        Column("figure_id", "the figure", unique=True, refers="figures",
               rule="must be a figure id of figures.csv, once"),
        Column("first_quantity", "as coded first", options=QUANTITIES),
        Column("quantity", "as coded again", options=QUANTITIES),
        Column("first_scope", "as coded first", options=SCOPES),
        Column("scope", "as coded again", options=SCOPES),
        Column("first_evidence_class", "as coded first", options=CLASSES),
        Column("evidence_class", "as coded again", options=CLASSES),
        Column("first_use", "as coded first", options=USES),
        Column("use", "as coded again", options=USES),
        Column("settled", "which coding was kept where they differ, and why", required=False),
    ),
    optional=True,
)  # fmt: skip
RATIOS = _table(
    "ratios", "Ratios", "What a fitted ratio is a ratio of: one stock, at a date, to another.",
    (
        Column("figure_id", "the figure, whose quantity is ratio", unique=True, refers="figures",
               rule="must be a figure id of figures.csv, once"),
        Column("of_hosts", "whose stock is above the line", refers="hosts", several=True,
               rule=HOST_RULE),
        Column("of_date", "when", kind="period"),
        Column("to_hosts", "whose stock is below the line", refers="hosts", several=True,
               rule=HOST_RULE),
        Column("to_date", "when", kind="period"),
        Column("reads", "what the figure states", options=RATIO_READINGS),
    ),
    optional=True,
)  # fmt: skip
POPULATION = _table(
    "populations", "Reference populations",
    "Who is meant by a figure of the workers in China or Russia.",
    (
        Column("figure_id", "the figure", unique=True, refers="figures",
               rule="must be a figure id of figures.csv, once"),
        Column("population", "who is meant", options=POPULATIONS),
        Column("why", "what in the text says so"),
    ),
    optional=True,
)  # fmt: skip
CLAIMS = _table(
    "claims", "Founding claims",
    "The claims of the text that this ledger begins with: how each is evaluated, and what speaks"
    " for it and against it.",
    (
        Column("claim", "its key", unique=True, pattern=CASCADE_KEYS,
               rule="must be lower-case words and numbers joined by -"),
        Column("title", "the claim in a few words"),
        Column("evaluation", "how it is evaluated", options=CLAIM_EVALUATIONS),
        Column("figure", "the figure that states it, if one does", required=False, refers="figures",
               rule="must be a figure id of figures.csv, or empty"),
        Column("hosts", "the hosts that it is about, where no figure says so", required=False,
               refers="hosts", several=True,
               rule="must be codes of hosts.csv joined by +, or empty"),
        Column("sectors", "the trades that it names, joined by +", required=False,
               pattern=r"^[A-Za-z ]+(\+[A-Za-z ]+)*$",
               rule="must be empty or sectors of figures.csv joined by +"),
        Column("period_start", "the year, or the first of two years, where no figure says so",
               required=False, kind="year"),
        Column("period_end", "the second of two years, where no figure says so", required=False,
               kind="year"),
        Column("low", "its lower end, where no figure says so", kind="number", required=False),
        Column("high", "its upper end, where no figure says so; empty: everything above low",
               kind="number", required=False),
        Column("speaking", "the figures that speak for it", required=False, **FIGURE_IDS),
        Column("against", "the figures that speak against it or its reach", required=False,
               **FIGURE_IDS),
        Column("heading", "the title of its plot"),
        Column("caption", "what the plot shows, where no figure says so", required=False),
        Column("reading", "how the claim is read, in words, where no figure says so",
               required=False),
        Column("text",
               "a paragraph for the page, where the chapter has none of its own; {verdict},"
               " {median}, {interval} and {reading} stand for what was found", required=False),
    ),
    optional=True,
)  # fmt: skip
TABLES = {
    table.name: table
    for table in (
        FIGURES,
        HOSTS,
        HOUSES,
        LINEAGES,
        EVENTS,
        RATES,
        RULES,
        CONFLICTS,
        COPIES,
        CASCADES,
        CHECKED,
        GAPS,
        RECODING,
        RATIOS,
        POPULATION,
        CLAIMS,
    )
}
