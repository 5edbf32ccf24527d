"""台账: the office's table of measures as it is printed on A3 and worked on, for any filter and any day."""
