"""How the house is built: the figures that later changes are read by."""
