"""Settings that hold for everybody who works in the workspace."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from core.services.context import Context
from db.repositories import events
from db.repositories import settings as rows

T = TypeVar("T", bool, int, float, str)


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A setting: its key, what holds until somebody sets it, and what people read of it in the history."""

    key: str
    default: T
    label: str


SECOND_CURATOR = Setting("second_curator", False, "Approvals need a second curator")
CLASSIFY_AFTER_IMPORT = Setting("classify_after_import", True, "New products are classified after an import")


def get(context: Context, setting: Setting[T]) -> T:
    """A setting's value; its default where nobody set it."""
    with context.database.read() as session:
        return rows.get(session, setting.key, setting.default)


def put(context: Context, setting: Setting[T], value: T, author: str) -> None:
    """Change a setting for everybody, and say so in the history."""
    with context.database.write() as session:
        if rows.get(session, setting.key, setting.default) != value:
            rows.put(session, setting.key, value)
            events.record(session, author, "setting", f"{setting.label}: {said(value)}")


def said(value: Any) -> str:
    """A value in the words of people."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
