"""Tasks that Terraform did not submit: they are imported, or only waited for."""
