"""The model of workers: how many North Koreans work abroad, by host and year.

Observations, the account of arrivals and departures, the density, the fit and its draws.
It may use evidence, assumptions and inference.
"""
