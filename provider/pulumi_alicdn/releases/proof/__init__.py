"""The proof of a release: which servers are asked, what they must serve, and how an answer is judged."""
