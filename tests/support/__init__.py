"""Helpers of the tests; they know how to run things, not what is right."""
