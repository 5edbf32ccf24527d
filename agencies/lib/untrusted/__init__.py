"""Reading files from strangers: zip, xlsx and compound files, and the XML in them. Knows nothing of Django."""
