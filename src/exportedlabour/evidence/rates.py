"""Exchange rates and prices: any published sum as US dollars of its year or of the price year."""

import re

import pandas as pd

from ..project import InputError

PER_MONTH = {"month": 1.0, "year": 12.0}
UNIT = re.compile(r"^([A-Z]{3})/(month|year)$")


class Rates:
    """Yearly exchange rates and US consumer prices, from the ledger's rates.csv.

    Parameters
    ----------
    table : DataFrame with ``series`` (a currency, as units per dollar, or CPI-U), ``year`` and
        ``value``.
    inflation_ahead : price growth a year after the last year of CPI-U, as a fraction.

    Raises
    ------
    InputError
        If the table has no consumer prices.
    """

    def __init__(self, table: pd.DataFrame, inflation_ahead: float):
        self._value = table.set_index(["series", "year"])["value"]
        self._inflation = inflation_ahead
        published = table.loc[table["series"] == "CPI-U", "year"]
        if published.empty:
            raise InputError(
                "rates.csv has no CPI-U, the US consumer prices, and without them no sum can be"
                " compared with another."
            )
        self._last_cpi = int(published.max())

    def per_dollar(self, currency: str, year: int) -> float:
        """Return the yearly mean rate of a currency, in units per US dollar.

        Raises
        ------
        InputError
            If rates.csv has no rate for that currency and year.
        """
        if currency == "USD":
            return 1.0
        try:
            return float(self._value[currency, year])
        except KeyError:
            raise InputError(
                f"rates.csv has no {currency} rate for {year}; add the row with its source."
            ) from None

    def prices(self, year: int) -> float:
        """Return US consumer prices (CPI-U, 1982-84 = 100), continued at ``inflation_ahead`` after
        the last year.

        Raises
        ------
        InputError
            If rates.csv has no CPI-U for that year.
        """
        if year > self._last_cpi:
            return self.prices(self._last_cpi) * (1 + self._inflation) ** (year - self._last_cpi)
        if ("CPI-U", year) not in self._value.index:
            raise InputError(f"rates.csv has no CPI-U for {year}; add the row with its source.")
        return float(self._value["CPI-U", year])

    def deflator(self, year: int, price_year: int) -> float:
        """Return what a dollar of ``year`` is worth in dollars of ``price_year``."""
        return self.prices(price_year) / self.prices(year)

    def dollars_a_month(self, amount: float, unit: str, year: int, price_year: int) -> float:
        """Return a sum such as 2,500 CNY/month in dollars of ``price_year`` a month.

        Raises
        ------
        InputError
            If the unit is not CURRENCY/month or CURRENCY/year.
        """
        match = UNIT.match(unit)
        if not match:
            raise InputError(
                f"unit {unit!r}: pay is given as a currency per month or year, such as CNY/month."
            )
        currency, period = match.groups()
        return (
            amount
            / PER_MONTH[period]
            / self.per_dollar(currency, year)
            * self.deflator(year, price_year)
        )
