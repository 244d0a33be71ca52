"""The scripts that draw the explorer's chart: Vega, Vega-Lite and Vega-Embed.

They are a step of their own, as no assumption changes them.
"""

from pathlib import Path


def grammar(build, step, place: Path, results: Path, steps) -> None:
    """Write the scripts as one file, explorer/vega.js."""
    import vl_convert

    folder = results / "explorer"
    folder.mkdir(parents=True, exist_ok=True)
    versions = (
        f"Vega {vl_convert.get_vega_version()}, Vega-Embed {vl_convert.get_vega_embed_version()}"
        " and Vega-Lite"
    )
    notice = (
        f"/* {versions}: BSD 3-Clause, University of Washington Interactive Data Lab and"
        " contributors. https://vega.github.io/ */\n"
    )
    folder.joinpath("vega.js").write_text(
        f"{notice}(() => {{\n{vl_convert.javascript_bundle()}\n}})();\n", encoding="utf-8"
    )
