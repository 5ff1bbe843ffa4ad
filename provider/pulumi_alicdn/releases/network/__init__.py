"""The network of nodes that serves a domain: which of them a proof asks, and for what."""
