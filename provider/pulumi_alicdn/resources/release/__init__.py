"""A release within a program: what the state and the program say, the decision, and the resources that follow."""
