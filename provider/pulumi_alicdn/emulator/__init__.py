"""The local cloud: a real HTTP server for the documented API, with caching edges and an origin on loopback.

The package imports nothing from the rest of the project: client and server can only agree because both follow the
published documents. ``python -m pulumi_alicdn.emulator`` starts it; :mod:`pulumi_alicdn.emulator.running` starts it
from a test.
"""
