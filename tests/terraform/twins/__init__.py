"""A release by both front ends, in processes with virtual time: what an engine does is done in this process."""
