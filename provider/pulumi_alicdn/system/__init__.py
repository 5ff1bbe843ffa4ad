"""Access to this machine and to edges: the clock, folders and their hashes, report files, and HTTP."""
