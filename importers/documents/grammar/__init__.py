"""What the words in the cells mean. Pure functions on text."""
