"""The origin of a release: where it is known from, and what it still has."""
