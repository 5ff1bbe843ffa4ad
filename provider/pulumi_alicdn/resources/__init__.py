"""Pulumi front end: resources for programs, and the dynamic provider behind them."""
