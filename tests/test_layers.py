"""The rooms: what may import what, and what each says that it is for."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / "src" / "exportedlabour"
ROOMS = sorted(path.parent for path in PACKAGE.glob("*/__init__.py"))


def test_a_room_imports_only_rooms_that_a_figure_passed_before_and_none_in_a_circle():
    command = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_says_in_a_few_lines_what_it_is_for_and_holds_nothing_else(room):
    tree = ast.parse((room / "__init__.py").read_text(encoding="utf-8"))
    said = ast.get_docstring(tree)
    assert len(tree.body) == 1 and "may use" in said
    assert len([line for line in said.splitlines() if line]) == 3
