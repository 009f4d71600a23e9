"""How a run came to set products aside, in a sentence."""

from core.services.review import Review
from pages._shared import words


def how_filtered(review: Review) -> str:
    """Which image filter the run used and what it did; '' for runs that did not say."""
    used = review.run.details.get("image filter")
    return f"Image filter: {words.plain(used)}." if used else ""
