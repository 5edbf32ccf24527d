"""Tests of the queue, with real workers, real brokers and a real mail server."""
