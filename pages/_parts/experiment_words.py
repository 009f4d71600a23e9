"""How experiments, their progress and their sources are said to people."""

import re

from core.domain.job import Job, JobState
from core.services.experiments import ExperimentStatus
from pages._shared import words

STOPPED = (JobState.CANCELLED, JobState.INTERRUPTED, JobState.FAILED)
_LINKED = re.compile(r"(.+), (https://\S+)")


def source_links(source: str) -> str:
    """Sources such as `Gross et al. 2025, https://…; Bi et al. 2020, https://…` as Markdown links."""
    return " · ".join(_LINKED.sub(r"[\1](\2)", part.strip()) for part in source.split(";"))


def is_running(job: Job | None) -> bool:
    """Whether the newest job of an experiment waits or works."""
    return job is not None and not job.state.is_final


def is_unfinished(status: ExperimentStatus, job: Job | None) -> bool:
    """Whether an experiment was begun and stopped before its last row."""
    return 0 < status.n_done < status.n_cells or (job is not None and job.state in STOPPED)


def how_far(status: ExperimentStatus, job: Job | None) -> str:
    """One line, in Markdown: how much of an experiment is measured, and when that began."""
    if is_running(job):
        return ":blue[:material/progress_activity:] Running"
    when = words.ago(status.latest)
    if is_unfinished(status, job) and status.n_cells:
        return f":orange[:material/pause_circle:] Stopped at {status.n_done} of {status.n_cells} rows · {when}"
    if not status.n_done:
        return ":gray[:material/radio_button_unchecked:] Not measured yet"
    return f":green[:material/check_circle:] All {words.count(status.n_cells, 'row')} measured · {when}"


def invitation(status: ExperimentStatus, job: Job | None) -> str:
    """What the way to an experiment is called."""
    if is_running(job):
        return "Watch"
    if is_unfinished(status, job):
        return "Resume"
    return "See results" if status.n_done else "Set up"
