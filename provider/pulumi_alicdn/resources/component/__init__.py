"""What our components do for Pulumi users: its own options, transforms, and several accounts."""
