"""The documented API as values and rules: requests, answers, limits and error codes. No I/O."""
