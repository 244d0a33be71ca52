"""The assumptions: every value or prior that a scenario sets, typed and strict.

An unknown name, a wrong type or a value out of bounds stops before any notebook runs.
It may use evidence and the ground floor.
"""
