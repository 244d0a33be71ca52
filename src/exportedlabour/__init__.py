"""Exported Labour: how many North Koreans work abroad, and what the state takes."""

from importlib.metadata import version

__version__ = version("exportedlabour")
