"""The release of a folder: its manifest, its plan and its proof. No I/O."""
