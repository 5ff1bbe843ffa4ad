"""Alibaba's API over signed HTTP: the client, its transport, credentials and endpoints."""
