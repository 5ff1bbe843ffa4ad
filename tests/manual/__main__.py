"""`python -m manual`: write the parts of the pages that are made from the code."""

from __future__ import annotations

import sys

from manual.generated import outdated, parts
from manual.pages import ROOT


def main() -> None:
    """Write every page whose generated parts differ from the code."""
    for page, text in outdated(parts()).items():
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
        sys.stdout.write(f"wrote {page.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
