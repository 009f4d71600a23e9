"""Every encoder as it stands on this machine and in this workspace, and what `auto` would take. Web-safe: no torch."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from core.domain.errors import EncoderUnavailableError
from core.domain.workspace import Workspace
from core.encoders.at_hand import encoders_at_hand
from core.encoders.cards import CARDS, SHORT_NAMES, EncoderCard, find_card
from core.encoders.choose import AUTO, Choice, choose_encoders
from core.encoders.registry import check_available
from core.services.context import Context
from db.models import ProductRow

__all__ = [
    "AUTO", "Choice", "EncoderState", "EncoderStatus", "automatic_choice", "encoder_names", "list_encoders",
    "title_of",
]  # fmt: skip


class EncoderState(StrEnum):
    """Whether an encoder can be used; the value is what people read."""

    READY = "ready"
    TRAINED = "trained"
    UNTRAINED = "learns when first used"
    MISSING = "needs weights"


@dataclass(frozen=True, slots=True)
class EncoderStatus:
    """One card, and how it stands.

    `names` are the full names that can be chosen now. `detail` says in a few words when and from what it was trained,
    or which weights are here; `remedy`, where it cannot be used, what to do.
    """

    card: EncoderCard
    state: EncoderState
    names: tuple[str, ...]
    detail: str = ""
    remedy: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether it can be chosen now."""
        return self.state is not EncoderState.MISSING


def list_encoders(context: Context) -> tuple[EncoderStatus, ...]:
    """Every encoder with its availability, in the order of the cards."""
    at_hand = encoders_at_hand()
    trained = dict(_trained(context.workspace))
    return tuple(_status(card, trained, at_hand) for card in CARDS)


def encoder_names(context: Context, modality: str) -> tuple[str, ...]:
    """Names to choose from now, `auto` first.

    Args:
        context: The open workspace.
        modality: "image" or "text".
    """
    usable = [status for status in list_encoders(context) if status.is_usable and modality in status.card.modality]
    return (AUTO, *(name for status in usable for name in status.names))


def automatic_choice(context: Context) -> Choice:
    """What `auto` takes for this catalogue on this machine, and why."""
    with context.database.read() as session:
        query = select(func.count(func.distinct(ProductRow.image_hash))).where(ProductRow.image_hash.is_not(None))
        n_images = session.scalar(query) or 0
    return choose_encoders(n_images)


def title_of(name: str) -> str:
    """What people call an encoder.

    Raises:
        EncoderUnavailableError: If there is no such encoder.
    """
    return find_card(name).title


def _status(card: EncoderCard, trained: dict[str, str], at_hand: tuple[str, ...]) -> EncoderStatus:
    if card.is_trained_here:
        return _trained_here(card, trained)
    names = tuple(name for name in at_hand if card.covers(name))
    if names:
        return EncoderStatus(card, EncoderState.READY, names)
    try:
        check_available(card.example or card.name)
    except EncoderUnavailableError as fault:
        return EncoderStatus(card, EncoderState.MISSING, (), remedy=fault.remedy)
    return EncoderStatus(card, EncoderState.READY, (card.example or card.name,))


def _trained_here(card: EncoderCard, trained: dict[str, str]) -> EncoderStatus:
    try:
        check_available(card.name)
    except EncoderUnavailableError as fault:
        return EncoderStatus(card, EncoderState.MISSING, (), remedy=f"{fault.message} {fault.remedy}")
    if card.name in trained:
        return EncoderStatus(card, EncoderState.TRAINED, (card.name,), trained[card.name])
    return EncoderStatus(card, EncoderState.UNTRAINED, (card.name,))


def _trained(workspace: Workspace) -> Iterator[tuple[str, str]]:
    """Name and history of each encoder that learned from this catalogue."""
    words = _read(workspace.encoders / "title" / "current.json")
    if words:
        yield "tfidf", f"{_day(workspace.encoders / 'title' / 'current.json')}, {words['n_items']:,} titles"
    for file in sorted((workspace.encoders / "image").glob("current-*.json")):
        name = file.stem.removeprefix("current-").replace("-", ":")
        config = file.parent / str(_read(file).get("version")) / "config.json"
        trained = _read(config)
        if trained:
            took = _minutes(float(trained.get("elapsed_s", 0.0)))
            yield SHORT_NAMES.get(name, name), f"{_day(config)}, {trained['n_images']:,} images, {took}"


def _read(file: Path) -> dict[str, Any]:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _day(file: Path) -> str:
    moment = datetime.fromtimestamp(file.stat().st_mtime).astimezone()
    year = "" if moment.year == datetime.now().astimezone().year else f" {moment.year}"
    return f"{moment.day} {moment:%b}{year}"


def _minutes(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{round(seconds / 60)} minutes"
