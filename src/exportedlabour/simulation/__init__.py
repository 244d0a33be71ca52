"""Worlds with a known truth, written as ledgers that the models can be tried on.

They are drawn from the priors of the models, or bent on purpose.
It may use workers, money and the rooms above.
"""
