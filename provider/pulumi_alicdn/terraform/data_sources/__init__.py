"""The data sources: what Terraform reads with each plan."""
