"""Reminders: which are owed (stages, owed), how they are gathered and sent (sending), and what they say (digest)."""
