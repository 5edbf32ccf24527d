"""The agency's duties as a workbook that is filled in offline and comes back (docs/reporting-in-bulk.md)."""
