"""This machine: its clock, folders and their hashes, report files, and edges over HTTP."""
