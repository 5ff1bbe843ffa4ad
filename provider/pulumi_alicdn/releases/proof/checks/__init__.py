"""The checks of a proof, each of one URL at one server: few bytes for each of them, however many there are."""
