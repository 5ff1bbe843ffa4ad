"""The service's actions for the nodes of a domain."""
