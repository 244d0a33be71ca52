"""Claims: what the models say of figures that others published.

Each reading of a claim is evaluated and ends in a verdict.
It may use validation and the rooms above.
"""
