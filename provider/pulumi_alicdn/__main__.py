"""Entry point of ``python -m pulumi_alicdn``."""

import sys

from pulumi_alicdn.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
