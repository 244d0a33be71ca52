"""Sensitivity: what the headlines owe to each assumption.

One at a time, scenarios side by side, Shapley effects and the explorer's draws.
It may use claims and the rooms above; it runs no step.
"""
