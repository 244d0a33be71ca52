"""Chapters: what each notebook shows, its plots, its tables and the numbers that its prose quotes.

A module is named after its notebook and is given what was computed; it computes nothing itself.
"""
