"""`python -m versions RUN`: note that a run of the tests was green with the versions that are here."""

from __future__ import annotations

import argparse

from versions import runs


def main() -> None:
    """Note it; the names of the runs are those of the record."""
    parser = argparse.ArgumentParser(prog="versions", description=__doc__)
    parser.add_argument("run", choices=tuple(runs.RUNS))
    parser.add_argument("--of", default="", help="the folders of tests that it ran, if they were named")
    options = parser.parse_args()
    runs.note(options.run, options.of)


if __name__ == "__main__":
    main()
