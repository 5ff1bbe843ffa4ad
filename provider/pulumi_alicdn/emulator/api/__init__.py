"""The emulated API over HTTP: how requests are read, what the actions do, how answers are written."""
