"""The emulated service: its rules, its tasks, its quotas and what it refuses."""
