"""The evidence: published figures with their sources, and what each of them says.

It checks the ledger, finds copies and reads numbers, dates and bounds; it fits nothing.
It may use the ground floor alone, the modules that lie beside the rooms.
"""
