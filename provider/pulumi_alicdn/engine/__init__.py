"""Decisions meet ports: submit, look, wait, reconcile. No concrete I/O, clock or randomness."""
