"""From executed notebooks and prose to the book.

Sources are staged in a folder, numbers are put into sentences, Jupyter Book makes the pages, and
the new book takes the place of the old one.
"""

import copy
import html
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

import nbformat
import pandas as pd
import yaml
from nbformat.v4.rwbase import rejoin_lines

from .. import __version__
from .. import words as wording
from ..assumptions import scenario
from ..build import origin, record, warm_parent
from ..build.origin import commit
from ..evidence import facts, ledger
from ..exhibits import plot_data, tables
from ..exhibits.markdown import escape
from ..exhibits.numbers import METADATA_KEY, merge
from ..project import InputError
from . import (
    assumption_page,
    citing,
    datapackage,
    dictionary,
    downloads,
    launch,
    prose,
    rerun_page,
    translations,
)
from . import pages as pages_of_readers

NOTEBOOK = "its-notebook"  # the cell of a page that says where its notebook is
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"  # the command jupyter-book
CONFIG_KEYS = {
    "title",
    "author",
    "logo",
    "copyright",
    "exclude_patterns",
    "only_build_toc_files",
    "execute",
    "parse",
    "html",
    "latex",
    "launch_buttons",
    "repository",
    "bibtex_bibfiles",
    "sphinx",
}


def book(build, step, place: Path, results: Path, steps) -> None:
    """Build the HTML of one scenario and put it in the place of the last one.

    All pages are made anew: nothing of the last book is kept, as 125 pages take 17 s (measured on
    two cores with other work beside it, December 2026), of which Jupyter Book 10 s.

    Raises
    ------
    InputError
        If a page warns (a number that nobody made, a broken reference) or Jupyter Book fails; the
        last book stays.
    """
    numbers = merge(results / "headline")
    results.joinpath("headline.json").write_text(
        json.dumps(numbers, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    built = _provenance(build, results, steps)
    staged = stage(build, place / "book", numbers, built, steps)
    pages = run_jupyter_book(staged, place)
    pages_of_readers.finish(pages, work(build))
    swap(pages, build.folder / "html")


def _provenance(build, results: Path, steps) -> record.State:
    """Write what every step read into provenance.json.

    Return the build in the form in which it is compared.
    """
    record.write_ledger_state(build.data, build.folder)
    paths = [
        path
        for path in sorted((build.folder / "steps").glob("*.json"))
        if path.stem in steps and path.stem != "book"
    ]
    records = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    whole = {
        "scenario": build.scenario.name,
        "data": build.ledger_named(),
        "version": __version__,
        "commit": commit(build.root),
        "platform": record.machine(),
        "steps": records,
    }
    results.joinpath("provenance.json").write_text(
        json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return state_of(build, whole)


def state_of(build, whole: dict) -> record.State:
    """Return a build in the form in which it is compared; ``whole`` is its provenance."""
    about = {name: whole[name] for name in ("scenario", "version", "commit")}
    built = record.built(build.folder, "this build")
    return replace(built, record=built.record | about)


def work(build) -> citing.Work:
    """Return what a citation of this build names."""
    other = "" if build.own_ledger else build.ledger_named()["folder"]
    cited = citing.read(build.root, commit(build.root), origin.day(build.root), other)
    front = build.results / "headline" / "front.json"
    return (
        replace(cited, card=json.loads(front.read_text(encoding="utf-8"))["card"]["text"])
        if front.is_file()
        else cited
    )


def stage(build, folder: Path, numbers: dict[str, dict], built: record.State, steps) -> Path:
    """Copy prose and executed notebooks into ``folder``, with generated pages and the
    configuration; return it."""
    with warm_parent.processes(1) as helper:
        return _stage(build, folder, numbers, built, steps, helper)


def _stage(
    build, folder: Path, numbers: dict[str, dict], built: record.State, steps, helper: Executor
) -> Path:
    """Do it; the ``helper`` makes some of the generated pages meanwhile."""
    evidence, there = ledger.read(build.data), build.facts
    shutil.copytree(build.root / "book", folder)
    _keep_passages(folder, there)
    sources = (build.data / "sources.bib").read_text(encoding="utf-8")
    # pybtex resolves every escape of BibTeX but this one.
    (folder / "sources.bib").write_text(sources.replace("\\$", "$"), encoding="utf-8")
    _stage_data(build, folder / "extra" / "data")
    shutil.copy2(build.results / citing.CARD, folder / "extra")
    tables.write_searchable(folder / "extra" / tables.SEARCHABLE)
    if (build.results / "explorer").is_dir():
        shutil.copytree(build.results / "explorer", folder / "extra" / "explorer")
    downloaded = helper.submit(
        downloads.stage, build, folder / "extra" / "results", numbers, built.record
    )
    reproduced = helper.submit(rerun_page.page, build, built)
    cited = work(build)
    substitutions = words_of(build, numbers, steps, cited)
    for page in sorted(folder.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        page.write_text(
            prose.filled(text, substitutions, f"book/{page.relative_to(folder).as_posix()}"),
            encoding="utf-8",
        )
    pages, drawn = {}, {}
    for step in steps.values():
        if step.notebook:
            notebook = read_executed(build.notebooks / f"{step.page}.ipynb")
            target = folder / "notebooks" / f"{step.page}.ipynb"
            target.parent.mkdir(exist_ok=True)
            drawn |= save_plots(notebook, folder / "figures", folder / "extra" / plot_data.FOLDER)
            mine = f"{step.page}_" if step.parameters else None
            own = {
                f"this_{key.removeprefix(mine)}": entry["text"]
                for key, entry in numbers.items()
                if mine and key.startswith(mine)
            }
            known = substitutions | {name: escape(text) for name, text in own.items()}
            ready = prepare(
                notebook,
                known,
                own.get("this_estimated") == "yes",
                there,
                drawn,
                f"notebooks/{step.notebook}.ipynb",
            )
            _offer_notebook(build.root, step, ready, folder / "extra" / "notebooks")
            target.write_text(json.dumps(ready, ensure_ascii=False), encoding="utf-8")
            if step.parameters:
                pages[step.page] = own.get("this_name", step.page)
    generated = folder / "generated"
    generated.mkdir()
    effects = pd.read_csv(build.results / "assumption_effects.csv", keep_default_na=True)
    (generated / "assumptions.md").write_text(
        assumption_page.page(build.scenario, evidence, effects, escape), encoding="utf-8"
    )
    (generated / "steps.md").write_text(reproduced.result(), encoding="utf-8")
    (generated / "downloads.md").write_text(downloaded.result(), encoding="utf-8")
    (generated / "data-dictionary.md").write_text(
        dictionary.page(evidence, escape), encoding="utf-8"
    )
    (generated / "cite.md").write_text(citing.page(cited, escape), encoding="utf-8")
    citing.write(cited, folder / "extra" / "cite", build.root)
    _write_toc(
        build.root / "_toc.yml",
        folder,
        pages,
        translations.pages(build.root / "book") if build.own_ledger else {},
    )
    other = "" if build.own_ledger else build.ledger_named()["folder"]
    (folder / "_config.yml").write_text(configuration(build.root, other, cited), encoding="utf-8")
    return folder


def _offer_notebook(root: Path, step, page: nbformat.NotebookNode, offered: Path) -> None:
    """Put the notebook of a step, as it is in the repository, where readers download it, and say so
    at the end of its page."""
    name = f"{step.notebook}.ipynb"
    offered.mkdir(parents=True, exist_ok=True)
    shutil.copy2(root / "notebooks" / name, offered)
    values = "".join(
        f", run with <code>{html.escape(f'{key} = {value!r}')}</code>"
        for key, value in step.parameters.items()
    )
    said = (
        f'<p class="notebook no-print">The code of this page is the notebook <a class="reference'
        f' download internal" href="{name}" download>{name}</a>{values}.</p>'
    )
    cell = {"id": NOTEBOOK, "cell_type": "markdown", "source": said, "metadata": {}}
    page.cells.append(nbformat.from_dict(cell))


def words_of(build, numbers: dict[str, dict], steps, cited: citing.Work) -> dict[str, str]:
    """Return the escaped text of each name in prose.

    They are all numbers but those of single hosts, and what the build is called.
    """
    templates = tuple(
        f"{step.page}_" for step in steps.values() if step.notebook and step.parameters
    )
    words = {key: entry["text"] for key, entry in numbers.items() if not key.startswith(templates)}
    words |= {
        "scenario_name": build.scenario.name,
        "scenario_title": build.scenario.title,
        "scenario_description": build.scenario.description,
        "ledger_name": build.ledger_named()["folder"],
        "price_year": str(build.scenario.settings["price_year"]),
        "version": __version__,
        "commit": cited.commit,
        "date": wording.day(cited.date),
    }
    # Made of _config.yml; unlike all others it is Markdown.
    return {name: escape(text) for name, text in words.items()} | {
        "report_address": launch.where_to_report(launch.address(build.root))
    }


def _keep_passages(folder: Path, there: frozenset[str]) -> None:
    """Remove from the prose what does not hold for this ledger.

    A page of which nothing is left is removed, and leaves the contents too.
    """
    for page in folder.rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        try:
            kept = facts.passages(text, there)
        except InputError as error:
            raise InputError(f"book/{page.relative_to(folder).as_posix()}: {error}") from None
        if not kept.strip():
            page.unlink()
        elif kept != text:
            page.write_text(kept, encoding="utf-8")


def _stage_data(build, folder: Path) -> None:
    """Put the ledger as a data package, and the rows of each host, where readers download them."""
    folder.mkdir(parents=True)
    # Only the files of a ledger, and nothing else that is in its folder.
    names = [
        *(f"{name}.csv" for name in ledger.TABLES),
        "sources.bib",
        *(["README.md"] if build.own_ledger else []),
    ]
    for path in (build.data / name for name in names):
        if path.is_file():
            shutil.copy2(path, folder / path.name)
    (folder / datapackage.FILE).write_text(
        datapackage.write(folder, "" if build.own_ledger else build.ledger_named()["folder"]),
        encoding="utf-8",
    )
    shutil.copytree(build.results / "hosts", folder / "hosts")


def configuration(root: Path, other_ledger: str = "", cited: citing.Work | None = None) -> str:
    """Return _config.yml with launch buttons, and with the state of the book in every footer.

    A book of another ledger is named after it, on every page.

    Raises
    ------
    InputError
        If _config.yml has a key that Jupyter Book would silently ignore.
    """
    config = scenario.read_yaml(root / "_config.yml")
    if unknown := set(config) - CONFIG_KEYS:
        raise InputError(
            f"_config.yml: unknown key {', '.join(sorted(unknown))}; Jupyter Book would ignore it."
            f" Known are {', '.join(sorted(CONFIG_KEYS))}."
        )
    launch.add_buttons(config)
    if other_ledger:
        name = re.sub(r"[^\w ./-]", "", other_ledger)
        config["title"] += f": the ledger {name}"
        config.setdefault("html", {})["extra_footer"] = (
            f"<p>Built from the ledger {name}. For its figures answers whoever keeps it.</p>"
        )
    if cited:
        shown = config.setdefault("html", {})
        shown["extra_footer"] = (
            f"{shown.get('extra_footer', '')}\n<p>{cited.state}, {wording.day(cited.date)}.</p>"
        )
    return yaml.safe_dump(config, sort_keys=False, allow_unicode=True)


def _write_toc(
    source: Path, folder: Path, pages: dict[str, str], translated: dict[str, str] | None = None
) -> None:
    """Write the table of contents.

    Pages that only another scenario or ledger has are left out, and the page of every host is
    added. ``translated`` are the translations of the summary, which stand below it.
    """
    toc = scenario.read_yaml(source)
    root = source.parent

    def left_out(file: str) -> bool:
        """Return whether the project has a page that was not staged.

        A page that the project lacks is none of these: Jupyter Book complains about it.
        """
        known = (root / f"{file}.ipynb").is_file() or (root / "book" / f"{file}.md").is_file()
        return known and not any(
            (folder / f"{file}{suffix}").is_file() for suffix in (".ipynb", ".md")
        )

    for part in toc.get("parts", []):
        part["chapters"] = [c for c in part["chapters"] if not left_out(c["file"])]
        for chapter in part["chapters"]:
            if chapter["file"] == "notebooks/hosts" and pages:
                chapter["sections"] = [
                    {"file": f"notebooks/{page}"}
                    for page, _ in sorted(pages.items(), key=lambda item: item[1])
                ]
            if chapter["file"] == "summary" and translated:
                chapter["sections"] = [
                    {"file": page, "title": language} for page, language in translated.items()
                ]
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc, sort_keys=False), encoding="utf-8")


def read_executed(path: Path) -> nbformat.NotebookNode:
    """Return an executed notebook.

    It is read without nbformat's checks, as papermill has just written it and the checks take long.
    """
    return rejoin_lines(
        json.loads(path.read_text(encoding="utf-8"), object_hook=nbformat.NotebookNode)
    )


def save_plots(notebook: nbformat.NotebookNode, folder: Path, offered: Path) -> dict[str, dict]:
    """Write every described plot of an executed notebook as NAME.svg, and its data as NAME.csv.

    Pages show the SVG, and readers download both. Return the descriptions by name.
    """
    found = {}
    for place in (folder, offered):
        place.mkdir(parents=True, exist_ok=True)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if described := output.get("metadata", {}).get(METADATA_KEY):
                found[described["name"]] = dict(described)
                for place in (folder, offered):
                    (place / f"{described['name']}.svg").write_text(
                        output["data"]["image/svg+xml"], encoding="utf-8"
                    )
                if described.get("data"):
                    (offered / f"{described['name']}.csv").write_text(
                        described["data"], encoding="utf-8"
                    )
    return found


def prepare(
    notebook: nbformat.NotebookNode,
    numbers: dict[str, str],
    estimated: bool = False,
    there: frozenset[str] = frozenset(),
    drawn: dict[str, dict] | None = None,
    where: str = "the notebook",
) -> nbformat.NotebookNode:
    """Ready an executed notebook for the page: numbers, alternative text and captions in place,
    data below figures, no code.

    Numbers, alternative texts and captions are put in place, data below plots, and code is folded.
    Cells tagged only-FACT or unless-FACT stay where that holds of the ledger (``there``) or, for
    ``estimated``, of the host. A cell tagged borrowed-plot becomes the plot of another notebook
    that it names. A caption is plain text, and is escaped here.

    Parameters
    ----------
    numbers : the escaped text of each name, such as ``{{ world_last }}`` or, in a template, ``{{
        this_name }}``.
    where : what a message calls the notebook.
    drawn : the descriptions of the plots that other notebooks have drawn, by name.

    Raises
    ------
    InputError
        If a tag names an unknown fact, or a name in the text has no number.
    """
    there = there | ({"estimated"} if estimated else set())
    notebook.cells = [
        part
        for cell in notebook.cells
        for part in one_plot_each(cell)
        if all(facts.holds(tag, there) for tag in cell.metadata.get("tags", []))
    ]
    shown = []
    for cell in notebook.cells:
        shown.append(cell)
        if cell.cell_type == "markdown":
            cell.source = prose.filled(cell.source, numbers, where)
            if "borrowed-plot" in cell.metadata.get("tags", []):
                cell.source = plot_data.borrowed(cell.source, drawn or {})
        if cell.cell_type != "code":
            continue
        tags = set(cell.metadata.get("tags", []))
        for output in cell.get("outputs", []):
            if described := output.get("metadata", {}).pop(METADATA_KEY, None):
                cell.metadata["mystnb"] = {
                    "image": {"alt": described["alt"], "width": "100%"},
                    "figure": {"caption": escape(described["caption"]), "name": described["name"]},
                }
                data = {
                    "id": f"data-{len(shown)}",
                    "cell_type": "markdown",
                    "source": plot_data.block(described),
                    "metadata": {},
                }
                shown.append(nbformat.from_dict(data))
        tags.add("remove-cell" if "injected-parameters" in tags else "remove-input")
        cell.metadata["tags"] = sorted(tags)
    notebook.cells = shown
    return notebook


def one_plot_each(cell: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Return a code cell that shows a plot and something else as several, each with one output.

    The caption and the name of a plot hold for all outputs of its cell.
    """
    outputs = cell.get("outputs", [])
    if len(outputs) < 2 or not any(METADATA_KEY in o.get("metadata", {}) for o in outputs):
        return [cell]
    parts = []
    for number, output in enumerate(outputs):
        part = copy.deepcopy(cell)
        part.outputs = [output]
        if number:
            part["id"], part.source = f"{cell['id']}-{number}", ""
        parts.append(part)
    return parts


def run_jupyter_book(folder: Path, place: Path, builder: str = "html") -> Path:
    """Run Jupyter Book on a staged folder, warnings as errors; return the folder of the HTML.

    Raises
    ------
    InputError
        With the warnings.
    """
    told = ["build", folder, "--path-output", place, "--builder", builder]
    ran = subprocess.run(  # a process of its own, as Sphinx keeps state
        [sys.executable, "-c", JUPYTER_BOOK, *told, "-W", "-n", "--keep-going"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONUTF8": "1", "NO_COLOR": "1", "MPLBACKEND": "agg"},
    )
    code, pages = ran.returncode, place / "_build" / builder
    said = re.sub(r"\x1b\[[0-9;]*m", "", ran.stdout).replace(str(folder) + "/", "")
    warnings = [
        line
        for line in said.splitlines()
        if re.search(r"\b(WARNING|ERROR|CRITICAL|Exception)\b", line)
    ]
    if code or warnings or not (pages / "index.html").is_file():
        shown = "\n".join(warnings[:20]) or said[-2000:]
        raise InputError(
            f"Jupyter Book did not build cleanly; the last good book is left in place.\n{shown}"
        )
    return pages


def swap(new: Path, place: Path) -> None:
    """Put ``new`` in the place of an older folder at once; the older one is removed last."""
    old = place.with_name(place.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)
