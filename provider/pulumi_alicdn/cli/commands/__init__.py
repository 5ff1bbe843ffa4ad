"""The commands of `alicdn`, one module each."""
