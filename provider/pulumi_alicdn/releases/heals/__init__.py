"""The heal of a release: URLs that are stale at an edge are refreshed again, and proven again."""
