"""How long things take, beside the plain way and beside the limit: the same work, interleaved, as medians."""
