"""What curators think should become of a cluster, and where they stand together."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What a curator would do with a cluster."""

    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Opinion:
    """One curator's view of a cluster. `name` is what they would approve it under, '' for a rejection."""

    id: int
    run_id: int
    cluster_id: int
    author: str
    verdict: Verdict
    name: str
    at: datetime

    @property
    def label(self) -> tuple[Verdict, str]:
        """What two opinions must share to agree; the case of letters does not count."""
        return self.verdict, self.name.casefold()

    @property
    def curator(self) -> str:
        """Whose it is, however they spelled their name."""
        return self.author.casefold()


class StandingKind(StrEnum):
    """Where the curators of a cluster stand."""

    NONE = "none"
    WAITING = "waiting"
    AGREED_NAME = "agreed name"
    AGREED_REJECTION = "agreed rejection"
    DISPUTED_NAMES = "disputed names"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the curators of a cluster stand, by the newest opinion of each.

    `name` is what they agreed on, '' otherwise; `authors` those who agree, or all who gave an opinion.
    """

    kind: StandingKind
    name: str = ""
    authors: tuple[str, ...] = ()

    @property
    def is_agreed(self) -> bool:
        """Whether enough curators want the same."""
        return self.kind in (StandingKind.AGREED_NAME, StandingKind.AGREED_REJECTION)

    @property
    def is_disputed(self) -> bool:
        """Whether curators want different things."""
        return self.kind in (StandingKind.DISPUTED, StandingKind.DISPUTED_NAMES)
