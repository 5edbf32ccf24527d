"""时限: a year of deadlines with their load, and the same as a calendar to subscribe to."""
