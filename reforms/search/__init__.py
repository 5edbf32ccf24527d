"""Finding measures by any words: what is kept folded beside them, the names of agencies, and who is meant by one."""
