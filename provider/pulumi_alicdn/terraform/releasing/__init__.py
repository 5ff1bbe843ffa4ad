"""The release of a folder as a resource of Terraform."""
