"""Reminders: which are owed (stages, owed), how they are gathered and sent (outbox), and what they say (digest)."""
