"""This machine: its clock, folders, report files, and edges over plain HTTP."""
