"""How Sphinx builds the pages of this folder."""

import tomllib
from pathlib import Path

project = "pulumi-alicdn"
# The version is written in pyproject.toml only.
with (Path(__file__).parents[1] / "pyproject.toml").open("rb") as file:
    release = version = tomllib.load(file)["project"]["version"]
extensions = ["myst_parser"]
html_theme = "furo"
html_title = f"pulumi-alicdn {release}"
html_theme_options = {"source_view_link": ""}
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
# A link to a heading is checked, too.
myst_heading_anchors = 3
nitpicky = True
