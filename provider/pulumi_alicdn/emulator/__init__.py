"""The local cloud: a real HTTP server for the documented API, with caching edges and an origin on loopback.

The package imports nothing from the rest of the project, so that client and server agree only by following the
published documents. ``python -m pulumi_alicdn.emulator`` starts it; :mod:`pulumi_alicdn.emulator.running` starts it
from a test.
"""
