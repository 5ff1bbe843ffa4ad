"""The reports of a release: a Markdown summary and an HTML page."""
