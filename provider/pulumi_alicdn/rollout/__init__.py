"""A whole release without Pulumi: what to do, and each step in order; the command line and Terraform share it."""
