"""A parsed list as a file again: what is printed, in the six columns, so that reading it gives the same list.

The years of deadlines that name none are those of the list; a year given by hand when it was read is not kept.
"""

from importers.documents.writers.docx import write_docx
from importers.documents.writers.separated import write_csv
from importers.documents.writers.xlsx import write_xlsx

__all__ = ["write_csv", "write_docx", "write_xlsx"]
