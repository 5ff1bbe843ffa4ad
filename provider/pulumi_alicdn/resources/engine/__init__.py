"""The Pulumi engine of this run as a provider process sees it: whether it is there, its log, and its clock."""
