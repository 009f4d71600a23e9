"""Versions of the taxonomy: save what was edited, see what differs, go back without losing anything.

Edits are drafts until they are saved as a version. Approving clusters saves one by itself. What is trained on should be
a saved version: `save_version` where `unsaved_changes` has any.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.errors import TaxonomyError
from core.domain.taxonomy import NodeStatus, TaxonomyNode, TaxonomyVersion
from core.services.context import Context
from core.services.edit_transaction import Change, apply_edit
from core.taxonomy import operations
from core.taxonomy.diff import TaxonomyDiff, diff
from core.taxonomy.tree import Taxonomy
from db.models import VersionRow
from db.repositories import events
from db.repositories import taxonomy as taxonomy_rows


def load(context: Context, number: int) -> TaxonomyVersion:
    """One version with its nodes.

    Raises:
        TaxonomyError: If there is none of this number.
    """
    with context.database.read() as session:
        return _load(session, number)


def unsaved_changes(context: Context) -> TaxonomyDiff:
    """What was edited since the newest version."""
    with context.database.read() as session:
        return _unsaved(session)


def unsaved_diff(saved: Sequence[TaxonomyNode], nodes: Sequence[TaxonomyNode]) -> TaxonomyDiff:
    """What was edited since a version with these nodes; what came and went since is no edit."""
    known = {node.id for node in saved}
    return diff(saved, [node for node in nodes if node.id in known or node.status is not NodeStatus.DEPRECATED])


def version_diff(context: Context, a: int, b: int) -> TaxonomyDiff:
    """What changed from version `a` to version `b`.

    Raises:
        TaxonomyError: If one does not exist.
    """
    with context.database.read() as session:
        return diff(_load(session, a).nodes, _load(session, b).nodes)


def save_version(context: Context, note: str, author: str) -> int:
    """Save what was edited as the next version.

    Args:
        context: The open workspace.
        note: What this version is about; '' says what changed.
        author: Who saves.

    Returns:
        Its number.

    Raises:
        TaxonomyError: If nothing changed since the newest version.
    """
    with context.database.write() as session:
        changes = _unsaved(session)
        if not changes.n_changes:
            raise TaxonomyError(
                f"Nothing changed since version {taxonomy_rows.latest_version_number(session)}.",
                "Edit the taxonomy first.",
            )
        return _save(session, note.strip() or changes.summary(), author)


def roll_back(context: Context, number: int, note: str, author: str) -> int:
    """Make the taxonomy what it was in an earlier version, as a new version; unsaved edits are saved before.

    Categories that came later go out of use, and their products to the nearest category above that stays. It is one
    act, which can be taken back.

    Args:
        context: The open workspace.
        number: The earlier version.
        note: Note of the new version; '' names the earlier one.
        author: Who goes back.

    Returns:
        Number of the new version.

    Raises:
        TaxonomyError: If there is no such version, or everything is as it was then.
    """
    with context.database.write() as session:
        earlier = _load(session, number)
        summary = f"Went back to version {number}"
        if not diff(taxonomy_rows.load_nodes(session), earlier.nodes).n_changes:
            raise TaxonomyError(f"The taxonomy is as it was in version {number}.", "Choose another version.")
        if _unsaved(session).n_changes:
            _save(session, f"Edits before going back to version {number}", author)

        def operation(tree: Taxonomy, _version: int) -> Change:
            return Change(operations.rollback(tree, earlier.nodes), summary)

        saved = taxonomy_rows.latest_version_number(session) + 1
        apply_edit(session, "rollback", operation, {}, author, note, details={"version": saved})
        return taxonomy_rows.add_version(session, note.strip() or summary, author)


def _save(session: Session, note: str, author: str) -> int:
    number = taxonomy_rows.add_version(session, note, author)
    events.record(session, author, "version", f"Saved version {number}: {note}", details={"version": number})
    return number


def _unsaved(session: Session) -> TaxonomyDiff:
    newest = taxonomy_rows.latest_version_number(session)
    return unsaved_diff(taxonomy_rows.load_version_nodes(session, newest), taxonomy_rows.load_nodes(session))


def _load(session: Session, number: int) -> TaxonomyVersion:
    version = taxonomy_rows.load_version(session, number)
    if version is None:
        newest = session.scalar(select(VersionRow.number).order_by(VersionRow.number.desc()).limit(1))
        raise TaxonomyError(f"There is no version {number}.", f"Choose one from 1 to {newest}.")
    return version
