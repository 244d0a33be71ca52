"""The dates of rules that models read, looked up in events.csv by the event's key.

A rule acts from the first of January after its event, as the models have years.
"""

from dataclasses import dataclass

import pandas as pd

from ..project import InputError
from .periods import year_fraction

ORDER, DEADLINE = "unscr-2397", "unscr-2397-deadline"
CLOSURE, REOPENING = "border-closure", "border-reopening"
# When they began and ended, for a ledger that has none of these events, such as a simulated one.
DEFAULTS = {
    ORDER: ("2017-12-22", "2017-12-22"),
    DEADLINE: ("2019-12-22", "2019-12-22"),
    CLOSURE: ("2020-01", "2023-08"),
    REOPENING: ("2023-08-27", "2023-08-29"),
}
SHOCKS = ("sanctions", "deadline", "reopening")
NEW_COURSE = 2  # years after the reopening in which the unpooled hosts took a new course


@dataclass(frozen=True)
class Dates:
    """When the events were that models read; ``closure`` has the periods of its beginning and end.

    Each other one is the period in which it began, as texts of events.csv.
    """

    order: str
    deadline: str
    closure: tuple[str, str]
    reopening: str

    def year_after(self, event: str) -> int:
        """Return the year from which an event acts, one of ``DEFAULTS``."""
        begun = (self.order, self.deadline, self.closure[0], self.reopening)
        return _year(dict(zip(DEFAULTS, begun))[event]) + 1

    @property
    def winding_down(self) -> int:
        """The year from which workers are to be sent home: the era of registers, and a shock."""
        return self.year_after(ORDER)

    @property
    def banned(self) -> int:
        """The year from which there should be no workers."""
        return self.year_after(DEADLINE)

    @property
    def reopened(self) -> int:
        """The year from which the open border acts."""
        return self.year_after(REOPENING)

    @property
    def shocks(self) -> dict[str, int]:
        """From which year each of ``SHOCKS`` acts."""
        return dict(zip(SHOCKS, (self.winding_down, self.banned, self.reopened)))

    @property
    def shut(self) -> tuple[float, float]:
        """Decimal years between which the border was shut: whole months, that of the closure
        not."""
        start, end = self.closure
        return year_fraction(start, end=True), year_fraction(end, end=True)

    @property
    def closed_years(self) -> tuple[int, ...]:
        """Years that began with a closed border."""
        return tuple(range(_year(self.closure[0]) + 1, _year(self.closure[1]) + 1))

    @property
    def new_course_years(self) -> tuple[int, ...]:
        """The years in which China and Russia took in new workers, or sent the old ones home."""
        return tuple(range(self.reopened, self.reopened + NEW_COURSE))

    @property
    def idle_years(self) -> tuple[int, ...]:
        """Years with fewer paid months: from the closure to the year before it ended."""
        return tuple(range(_year(self.closure[0]), _year(self.closure[1])))


def dates_of(events: pd.DataFrame, where: str = "events.csv") -> Dates:
    """Return the dates that models read, out of the table of events.

    Parameters
    ----------
    events : the ledger's table, of which ``event_id, date_start, date_end`` are read. If it has
        none of the events, ``DEFAULTS`` are the dates.
    where : what a message calls the table.

    Raises
    ------
    InputError
        If it has some of the events and lacks others.
    """
    table = events.set_index("event_id")
    missing = [name for name in DEFAULTS if name not in table.index]
    if missing and len(missing) < len(DEFAULTS):
        raise InputError(
            f"{where}: there is no event {', '.join(missing)}, whose date the models read. Add it,"
            f" or leave out all of {', '.join(DEFAULTS)}: then the models take the dates that they"
            " know."
        )
    found = DEFAULTS
    if not missing:
        found = {
            name: (table.at[name, "date_start"], table.at[name, "date_end"]) for name in DEFAULTS
        }
    return Dates(found[ORDER][0], found[DEADLINE][0], found[CLOSURE], found[REOPENING][0])


def _year(period: str) -> int:
    return int(period[:4])


KNOWN = dates_of(pd.DataFrame(columns=["event_id", "date_start", "date_end"]))
