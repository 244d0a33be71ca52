"""Buttons that follow the public address of the repository: none without one."""

import re

import nbformat
import pytest
import yaml

from exportedlabour.book import launch, pages, stage
from exportedlabour.project import InputError

URL = "https://github.com/someone/exported-labour"


def give_address(project, url):
    """Set the address of the repository, whatever it is in the project itself."""
    path = project / "_config.yml"
    text, changed = re.subn(
        r'^  url: ".*"$', f'  url: "{url}"', path.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert changed == 1
    path.write_text(text, encoding="utf-8")


def test_without_an_address_there_is_no_button_and_no_link(project):
    give_address(project, "")
    config = yaml.safe_load(stage.configuration(project))
    assert (
        "binderhub_url" not in config["launch_buttons"]
        and not config["html"]["use_repository_button"]
    )
    assert "http" not in launch.where_to_report(launch.address(project))


@pytest.mark.parametrize(
    ("url", "colab"), [(URL, True), ("https://gitlab.com/someone/exported-labour/", False)]
)
def test_with_an_address_the_buttons_lead_there(project, url, colab):
    give_address(project, url)
    config = yaml.safe_load(stage.configuration(project))
    assert (
        config["repository"]["url"] == url.rstrip("/")
        and config["repository"]["path_to_book"] == ""
    )
    assert (
        config["launch_buttons"]["binderhub_url"] == launch.BINDER
        and config["launch_buttons"]["notebook_interface"] == "jupyterlab"
    )
    assert ("colab_url" in config["launch_buttons"]) is colab
    assert (
        launch.where_to_report(launch.address(project))
        == f"Open an issue at [{url.rstrip('/')}/issues]({url.rstrip('/')}/issues)."
    )


def test_an_address_of_a_forge_that_the_theme_does_not_know_is_only_a_link(project):
    give_address(project, "https://codeberg.org/someone/exported-labour")
    config = yaml.safe_load(stage.configuration(project))
    assert (
        "binderhub_url" not in config["launch_buttons"]
        and not config["html"]["use_repository_button"]
    )
    assert "https://codeberg.org/someone/exported-labour/issues" in launch.where_to_report(
        launch.address(project)
    )


def test_an_address_that_is_none_is_refused(project):
    give_address(project, "javascript:alert(1)")
    with pytest.raises(InputError, match="repository.url is"):
        launch.address(project)


@pytest.mark.parametrize(
    ("made", "meant"),
    [
        (
            "https://mybinder.org/v2/gh/someone/x/main?urlpath=lab/tree/notebooks/host_RUS.ipynb",
            "urlpath=lab/tree/notebooks/host.ipynb",
        ),
        (
            "https://colab.research.google.com/github/someone/x/blob/main/notebooks/host_EU28.ipynb",
            "main/notebooks/host.ipynb",
        ),
        (
            "https://mybinder.org/v2/gh/someone/x/main?urlpath=lab/tree/notebooks/workers.ipynb",
            "notebooks/workers.ipynb",
        ),
    ],
)
def test_the_page_of_a_host_opens_the_template(made, meant):
    assert launch.to_template(made).endswith(meant)


def test_links_between_pages_stay_as_they_are():
    assert launch.to_template("host_RUS.html") == "host_RUS.html"


def test_jupyter_book_makes_the_buttons_of_the_configuration(tmp_path):
    """The theme's own way from the configuration to a page, on a book of one notebook."""
    book = tmp_path / "book"
    (book / "notebooks").mkdir(parents=True)
    nbformat.write(
        nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_markdown_cell("# A host")],
            metadata={
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
            },
        ),
        book / "notebooks" / "host_RUS.ipynb",
    )
    (book / "index.md").write_text("# Book\n", encoding="utf-8")
    (book / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n- file: notebooks/host_RUS\n", encoding="utf-8"
    )
    config = {"title": "x", "execute": {"execute_notebooks": "off"}, "repository": {"url": URL}}
    launch.add_buttons(config)
    (book / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    folder = stage.run_jupyter_book(book, tmp_path)
    tree = pages.parsed((folder / "notebooks" / "host_RUS.html").read_text(encoding="utf-8"))
    pages.to_template(tree)
    page = pages.written(tree)
    assert (
        "https://mybinder.org/v2/gh/someone/exported-labour/main?urlpath=lab/tree/notebooks/host.ipynb"
        in page
    )
    assert (
        "https://colab.research.google.com/github/someone/exported-labour/blob/main/notebooks/host.ipynb"
        in page
    )
    assert (
        f"{URL}/issues/new" in page
        and f'href="{URL}"' in page
        and "main/notebooks/host_RUS" not in page
        and "tree/notebooks/host_RUS" not in page
    )
