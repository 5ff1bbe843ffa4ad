"""Alibaba Cloud for real: signed HTTP, credentials, endpoints, clocks.

The only layer with sockets and the environment.
"""
