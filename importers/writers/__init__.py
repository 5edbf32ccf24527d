from importers.parsed import ParsedList


def write_docx(parsed: ParsedList) -> bytes:
    raise NotImplementedError


def write_xlsx(parsed: ParsedList) -> bytes:
    raise NotImplementedError


def write_csv(parsed: ParsedList) -> bytes:
    raise NotImplementedError
