"""Pure values and decisions: no I/O, clock, randomness or Pulumi. Everything else may import it; it imports nothing of ours."""
