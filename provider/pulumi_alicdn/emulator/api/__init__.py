"""The emulated API over HTTP: reading requests, the actions, rendering answers."""
