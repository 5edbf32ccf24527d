"""Tampering with the change log at random, to see that every time it is found."""
