"""The emulated service: its rules, tasks, quotas and refusals."""
