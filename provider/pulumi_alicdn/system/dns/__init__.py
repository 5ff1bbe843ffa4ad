"""What DNS says of a name: addresses, that there are none, or nothing."""
