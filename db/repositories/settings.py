"""Settings of the workspace, as JSON values under a key."""

from typing import Any

from sqlalchemy.orm import Session

from db.models import SettingRow


def get(session: Session, key: str, default: Any = None) -> Any:
    """A setting's value; the default where nobody set it."""
    row = session.get(SettingRow, key)
    return default if row is None else row.value


def put(session: Session, key: str, value: Any) -> None:
    """Keep a setting."""
    session.merge(SettingRow(key=key, value=value))
