"""How an apply goes on with what an earlier one has declared."""
