"""Documents that are damaged on purpose, by the thousand: each must give an answer, none may cost much."""
