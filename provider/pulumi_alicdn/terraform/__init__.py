"""The Terraform front end: the same tasks as resources of Terraform and OpenTofu, over their plugin protocol."""
