"""What a plan finds out before an apply sends anything."""
