"""Review: two builds or two ledgers side by side, and a rerun against what is published.

A difference is held against the Monte Carlo error of both sides.
It may use build and the rooms above.
"""
