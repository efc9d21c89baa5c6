"""The names of our servers in results and tables."""

CHOPIN = "chopin"
FLOOR = "floor"
