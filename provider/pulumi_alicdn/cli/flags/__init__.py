"""The options of the commands: those of several, of the edges, of a folder, of a release, of what has no URL."""
