"""How a list comes in: readers → grid → layout → grammar → parsed list → plan → applied edition."""
