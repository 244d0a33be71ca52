"""The process that runs Jupyter Book: what it imports early, and that it goes when it is not
wanted."""

from importlib.util import find_spec

from conftest import ROOT

from exportedlabour.assumptions import scenario
from exportedlabour.book import bookmaker


def test_one_that_is_asked_for_nothing_ends():
    with bookmaker.started() as process:
        assert process.poll() is None
    assert process.poll() is not None


def test_what_is_imported_early_is_there_and_has_every_extension_of_ours():
    assert [name for name in bookmaker.EARLY if find_spec(name) is None] == []
    ours = {name for name in bookmaker.EARLY if name.startswith("exportedlabour.")}
    assert ours == set(scenario.read_yaml(ROOT / "_config.yml")["sphinx"]["extra_extensions"])
