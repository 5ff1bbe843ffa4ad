"""The proof of a refresh whose bytes nobody has here: what nodes serve is compared with the origin, and with before."""
