"""The book: its pages, from staged sources to finished HTML and one PDF.

Citations, downloads, the data package, and the extensions of Sphinx that pages need.
It may use review and the rooms above, as one page shows what verify found.
"""
