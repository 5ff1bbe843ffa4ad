"""Alibaba Cloud for real: signed HTTP, credentials, endpoints, clocks. The only place with sockets and the environment."""
