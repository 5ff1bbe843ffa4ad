"""The keys that sign requests: where they come from, and what keeps them from being there."""
