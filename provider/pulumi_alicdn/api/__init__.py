"""The documented API as values and rules: what is asked, what is answered, limits, error codes. No I/O."""
