"""How Sphinx builds the pages of this folder."""

project = "pulumi-alicdn"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "pulumi-alicdn"
html_theme_options = {"source_view_link": ""}
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
# A link to a heading is checked, too.
myst_heading_anchors = 3
nitpicky = True
