"""Waiting until tasks are effective: observe, judge, report, sleep."""
