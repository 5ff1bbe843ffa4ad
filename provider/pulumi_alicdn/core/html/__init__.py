"""The report of a release as one self-contained page."""
