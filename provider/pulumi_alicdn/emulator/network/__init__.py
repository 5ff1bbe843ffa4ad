"""The emulated network: an origin, caching edges, and how a task takes effect at them."""
