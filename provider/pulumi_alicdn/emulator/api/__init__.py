"""The emulated API over HTTP: reading requests, doing actions, writing answers."""
