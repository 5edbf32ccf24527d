"""通报: how far a list is on a day, in the words and the type of an official document."""
