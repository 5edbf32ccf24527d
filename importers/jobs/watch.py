"""What is done with a document, as those see it who watch it."""

from enum import StrEnum

from agencies.lib.jobs.watch import Watch


class JobStage(StrEnum):
    """What is being done with a document; each stage counts its rows from the beginning."""

    READING = "reading"
    PLANNING = "planning"
    WRITING = "writing"


def watch_of(job_id: int) -> Watch:
    """The watch on one import."""
    return Watch("import", job_id)
