"""Workers that are killed while they import: afterwards all of the import is there, or nothing."""
