"""Virtual time: one emulator for the whole folder, as new before each test."""

from __future__ import annotations

from support.virtual_cloud import _running, apis, caller, clock, cloud, listener  # noqa: F401  fixtures are there by their names
