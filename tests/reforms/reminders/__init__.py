"""Reminders: who is owed what, and how they are told."""
