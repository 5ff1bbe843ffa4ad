"""The life of a folder's release: what changed, what to refresh, what to prove. No I/O."""
