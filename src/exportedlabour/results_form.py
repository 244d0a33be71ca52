"""The form of the results: the published tables, their columns, and what a number in them is.

The one home of what a column of results/ means. The data package, the JSON of each host and the
comparison of two builds are made from it.
"""

from .columns import Column, Table

QUANTILES = {
    "lo95": 0.025,
    "lo80": 0.1,
    "lo50": 0.25,
    "median": 0.5,
    "hi50": 0.75,
    "hi80": 0.9,
    "hi95": 0.975,
}


def _interval(optional: bool = False) -> tuple[Column, ...]:
    ends = [
        Column(f"{end}{level}", f"{word} end of the {level} % interval", "estimate", not optional)
        for level in (50, 80, 95)
        for end, word in (("lo", "lower"), ("hi", "upper"))
    ]
    return (
        Column("median", "median of the draws", "estimate", not optional),
        Column("mean", "mean of the draws", "estimate", not optional),
        *ends,
    )


HOST = Column("host", "ISO 3166 alpha-3 code, or WLD for the world", "code")
YEAR = Column("year", "calendar year", "calendar_year")
_WORKERS = (
    HOST,
    YEAR,
    *_interval(),
    Column(
        "n_figures",
        "published head counts of that host and year that are not excluded, fitted or not",
        "count",
    ),
    Column(
        "n_effective",
        "those of them that are fitted, with copies counted as what they add",
        "count",
    ),
    Column(
        "no_data",
        "whether no figure of the host is fitted, so that the row is a prediction",
        "flag",
    ),
)
_MONEY = (
    Column(
        "definition",
        "gross, everything employers pay; withheld, kept by anyone but the worker; state, paid to"
        " the state; net, what reaches the workers",
        "code",
    ),
    Column("prices", "current dollars, or dollars of the year named", "code"),
    *_interval(),
)
_REVENUE = (HOST, YEAR, *_MONEY)
_SECTORS = (
    Column("sector", "sector of work; IT only where a scenario adds it", "code"),
    YEAR,
    *_MONEY,
)
_IT = (
    Column(
        "quantity",
        "heads, persons abroad; gross, withheld, state, net, dollars of the year by definition",
        "code",
    ),
    YEAR,
    *_interval(),
)
_DIAGNOSTICS = (
    Column("quantity", "a quantity of the fit", "code"),
    Column("r_hat", "rank-normalised split R-hat; 1 if the chains agree", "diagnostic"),
    Column("ess_bulk", "effective draws for its middle", "diagnostic"),
    Column("ess_tail", "effective draws for its tails", "diagnostic"),
)
CLAIMS = (
    Column("figure_id", "the claim: a row of figures.csv", "code"),
    Column("hosts", "hosts that the claim names", "code"),
    Column("quantity", "what the claim is about", "code"),
    Column("period_start", "beginning of what the claim refers to", "code"),
    Column("period_end", "end of what the claim refers to", "code"),
    Column("bound", "how the claim was stated", "code"),
    Column("claim_low", "lower end of the claim with its rounding", "count", required=False),
    Column("claim_high", "upper end of the claim with its rounding", "count", required=False),
    Column("claimed", "the claim as stated", "words"),
    Column("unit", "its unit", "code"),
    Column("lineage", "the family of figures of one origin, if it has one", "code", required=False),
    Column("asserted_by", "who asserts it", "words"),
    Column(
        "why_not", "why nothing here can test the claim, if nothing can", "words", required=False
    ),
    Column("reading", "plausible, charitable, or none if nothing here can test it", "code"),
    Column("definition", "what the claim is held against", "words", required=False),
    *_interval(optional=True),
    Column(
        "position_low",
        "share of the draws below the claim's lower end",
        "probability",
        required=False,
    ),
    Column(
        "position_high",
        "share of the draws below the claim's upper end",
        "probability",
        required=False,
    ),
    Column("inside", "share of the draws inside the claim", "probability", required=False),
    Column("verdict", "the verdict, in fixed words", "verdict"),
    Column("use", "what the ledger uses the row for: fit, judge or context", "code"),
    Column("sector", "sector of work that the claim is about", "code"),
    Column("scope", "whether the claim is about the whole host, a region or an employer", "code"),
    Column(
        "seen", "whether the document that first said so was read, or one that quotes it", "code"
    ),
    Column(
        "standing",
        "independent if neither the figure nor a member of its lineage is fitted; else lineage"
        " fitted, or fitted",
        "code",
    ),
    Column(
        "verdict_without_lineage",
        "the verdict without the figure and its lineage, or needs a refit, on workers alone",
        "verdict",
        required=False,
    ),
    Column(
        "median_without_lineage", "median of the draws without them", "estimate", required=False
    ),
    Column(
        "pareto_k",
        "whether weighting the draws can stand for leaving them out; above 0.7 it can't",
        "diagnostic",
        required=False,
    ),
    Column(
        "dollars_per_worker_month",
        "what the claim, at the number as stated, implies for each worker and month, at the median"
        " number of workers",
        "estimate",
        required=False,
    ),
    Column(
        "own_heads",
        "number of workers that a sum of money goes with in its own document or lineage; of a range"
        " its middle",
        "count",
        required=False,
    ),
    Column(
        "own_heads_most",
        "the same at the upper end of its range or rounding",
        "count",
        required=False,
    ),
    Column("own_heads_id", "the row of figures.csv that has this number", "code", required=False),
    Column(
        "dollars_own",
        "dollars a worker and month of the claim as stated, on its own number of workers",
        "count",
        required=False,
    ),
    Column(
        "pay_above_own",
        "share of the draws in which employers pay more than that",
        "probability",
        required=False,
    ),
    Column(
        "dollars_least",
        "dollars a worker and month at the claim's lower end, on the upper end of its own number of"
        " workers if it has one",
        "estimate",
        required=False,
    ),
    Column(
        "pay_above",
        "share of the draws in which employers pay more than that",
        "probability",
        required=False,
    ),
)
TABLES = {
    table.name: table
    for table in (
        Table(
            "workers_host_year",
            "Workers by host and year",
            "Workers in each host, average of the year.",
            _WORKERS,
            key=("host", "year"),
            draws=("workers",),
        ),
        Table(
            "workers_world_year",
            "Workers by year",
            "Workers in all hosts together, average of the year.",
            _WORKERS,
            key=("host", "year"),
            draws=("workers",),
        ),
        Table(
            "revenue_host_year",
            "Revenue by host and year",
            "Dollars a year, by definition and prices.",
            _REVENUE,
            key=("host", "year", "definition", "prices"),
            draws=("workers", "money"),
        ),
        Table(
            "revenue_world_year",
            "Revenue by year",
            "Dollars a year in all hosts together, by definition and prices.",
            _REVENUE,
            key=("host", "year", "definition", "prices"),
            draws=("workers", "money"),
        ),
        Table(
            "revenue_sector_year",
            "Revenue by sector and year",
            "Dollars a year in all hosts together, by sector of work, definition and prices.",
            _SECTORS,
            key=("sector", "year", "definition", "prices"),
            draws=("workers", "money"),
        ),
        # Nothing is fitted; as many draws are made as there are of workers.
        Table(
            "it_year",
            "IT workers abroad, apart",
            "Heads and dollars a year by assumption, in no other table unless a scenario adds"
            " them.",
            _IT,
            key=("quantity", "year"),
            draws=("workers",),
        ),
        Table(
            "claims_judged",
            "Published claims in the posterior",
            "Every judged claim, under one or more readings.",
            CLAIMS,
            key=("figure_id", "reading", "definition"),
            draws=("workers", "money"),
        ),
        Table(
            "workers_diagnostics",
            "How well the workers model was sampled",
            "One quantity of the fit a row.",
            _DIAGNOSTICS,
            key=("quantity",),
        ),
        Table(
            "money_diagnostics",
            "How well the money model was sampled",
            "One quantity of the fit a row.",
            _DIAGNOSTICS,
            key=("quantity",),
        ),
    )
}
