"""The wait until tasks are effective: observe, judge, report, sleep."""
