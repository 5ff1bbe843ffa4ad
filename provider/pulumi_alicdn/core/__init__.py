"""Pure values and decisions: no I/O, clock, randomness or Pulumi. All other layers may import it."""
