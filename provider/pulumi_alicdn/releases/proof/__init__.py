"""The proof of a release: the servers to probe, what they must serve, and how each answer is judged."""
