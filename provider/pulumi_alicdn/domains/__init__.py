"""A domain as the service describes it: its state, origin and settings, and what they mean for a proof."""
