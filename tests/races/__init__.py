"""Many writers on one measure at once: one wins, the others are told, nothing is lost. This is `make races`."""
