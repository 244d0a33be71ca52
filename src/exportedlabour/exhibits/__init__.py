"""Exhibits: what a chapter shows, in plots, tables, a map and quoted numbers.

Every plot carries its data and a text for those who cannot see it.
It may use sensitivity and the rooms above, none of which knows how things are shown.
"""
