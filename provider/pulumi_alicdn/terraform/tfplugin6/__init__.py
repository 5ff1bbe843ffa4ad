"""The plugin protocol, version 6: the official definition, and what protoc makes of it (`make protocol`)."""
