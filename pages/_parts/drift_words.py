"""How weeks, measures and their changes are said to people."""

from datetime import date

from core.domain.drift import DriftWeek
from core.services.drift import Measure, ShareChange
from pages._shared import words

NAMES = {Measure.UNSURE: "Unsure predictions", Measure.BRANDS: "Unseen brands", Measure.WORDS: "Unseen words"}
HELP = {
    Measure.UNSURE: "Share of predictions of which the classifier is less than half sure, or less than the threshold "
    "at which it stops; without the products that it learned from, of which it is always surer.",
    Measure.BRANDS: "Share of branded products whose brand no earlier week of any platform had.",
    Measure.WORDS: "Share of the words of titles that no earlier week of any platform had.",
}
SAID = {
    Measure.UNSURE: "of predictions are unsure",
    Measure.BRANDS: "of branded products have a brand nobody had before",
    Measure.WORDS: "of title words are new",
}


def short(week: str) -> str:
    """`2026-W47` as `W47`."""
    return week.partition("-")[2]


def named(week: str) -> str:
    """`2026-W47` as `Week 47 · from 16 Nov 2026`."""
    monday = _monday(week)
    return f"Week {int(week[-2:])} · from {monday.day} {monday:%b %Y}"


def began(week: str) -> str:
    """`2026-W47` as `16 Nov`."""
    monday = _monday(week)
    return f"{monday.day} {monday:%b}"


def share(found: DriftWeek, measure: Measure) -> tuple[float, int, int]:
    """A share in [0, 1], its hits, and what it is a share of."""
    hits, of = {
        Measure.UNSURE: (found.n_unsure, found.n_predicted),
        Measure.BRANDS: (found.n_unseen_brands, found.n_branded),
        Measure.WORDS: (found.n_unseen_words, found.n_words),
    }[measure]
    return (hits / of if of else 0.0), hits, of


def sentence(change: ShareChange) -> str:
    """A rise in Markdown: who, when, how much, against what."""
    against = "other platforms before" if change.is_against_others else "its weeks before"
    before = words.percent(change.share_before or 0.0)
    return (
        f"**{words.plain(change.platform)}** in week {int(change.week[-2:])}: {words.percent(change.share)} "
        f"{SAID[change.measure]} :gray[({before} in {against})]"
    )


def _monday(week: str) -> date:
    year, number = week.split("-W")
    return date.fromisocalendar(int(year), int(number), 1)
