"""Validation: how often the intervals are right, in worlds and on held-out figures.

Many refits with scores, simple benchmarks and the multiverse of choices.
It may use simulation and the rooms above.
"""
