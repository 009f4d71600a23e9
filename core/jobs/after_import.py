"""What an import sets going by itself: with a classifier in use, what came in is classified next."""

import logging

from core.domain.errors import AppError
from core.domain.job import JobKind, JobState
from core.jobs.queue import submit
from core.services import settings
from core.services.context import Context
from core.services.importing import ImportResult
from core.services.jobs import active_jobs
from core.services.settings import CLASSIFY_AFTER_IMPORT
from core.services.unpredicted import count_unpredicted

logger = logging.getLogger(__name__)


def queue_classification(context: Context, imported: ImportResult, author: str) -> int | None:
    """Queue the classification of what an import brought, unless one waits already.

    Args:
        context: The open workspace.
        imported: What came of the import.
        author: Who imported.

    Returns:
        The job's id; None where nothing came, no classifier is in use, or `CLASSIFY_AFTER_IMPORT` is off.
    """
    is_wanted = imported.n_new + imported.n_updated > 0 and settings.get(context, CLASSIFY_AFTER_IMPORT)
    if not is_wanted or not count_unpredicted(context):
        return None
    for job in active_jobs(context):
        if job.kind is JobKind.CLASSIFY_NEW and job.state is JobState.QUEUED:
            return job.id
    try:
        return submit(context, JobKind.CLASSIFY_NEW, {}, author).id
    except AppError as error:  # the import itself is done: say so in the log, and let the page offer the run
        logger.warning("New products were not queued for classification: %s", error)
        return None
