"""A published taxonomy, or a branch of it, as the categories to begin with."""

import re
from dataclasses import dataclass

from core.domain.errors import ReferenceFormatError
from core.domain.product import format_path
from core.services.categories import new_node_id
from core.services.context import Context
from core.services.edit_transaction import Change, apply_edit
from core.services.reference import load_references
from core.taxonomy.reference import ReferenceTaxonomy
from core.taxonomy.starting import Adoption, NamesPath, published_branch
from core.taxonomy.tree import Taxonomy
from db.repositories import taxonomy as taxonomy_rows


@dataclass(frozen=True, slots=True)
class StartSummary:
    """What a start did.

    Attributes:
        version: The new version, or the newest one where nothing changed.
        n_added: Categories that are new.
        n_restored: Categories that were taken out of use before, and are back.
        n_kept: Categories that were there already; they have the published id now, where they had none.
        event_id: The act in the history; None where nothing changed.
    """

    version: int
    n_added: int
    n_restored: int
    n_kept: int
    event_id: int | None


def start_from_reference(
    context: Context,
    reference_name: str,
    author: str,
    branch: NamesPath = (),
    depth: int | None = None,
) -> StartSummary:
    """Make the categories of an imported reference taxonomy, with those above them, as one act that can be undone.

    What is there already stays, by its published id or else its path; see `core.taxonomy.starting.Adoption`.

    Args:
        context: The open workspace.
        reference_name: As `core.services.reference.list_references` tells it.
        author: Who starts.
        branch: Names of the category to take, with all below it; () takes everything.
        depth: Levels to take below the branch; None takes all, 0 the branch alone.

    Raises:
        ReferenceFormatError: If there is no such reference taxonomy.
        CategoryNotFoundError: If it has no such branch; the remedy names the closest ones.
        ParameterError: If the depth leaves nothing.
        TaxonomyError: If a published name cannot be a category's.
    """
    reference = _reference(context, reference_name)
    chosen = published_branch(reference, branch, depth)
    what = f"'{format_path(branch)}' of {reference.label}" if branch else reference.label
    with context.database.write() as session:
        version = taxonomy_rows.latest_version_number(session) + 1
        start = Adoption(Taxonomy(taxonomy_rows.load_nodes(session)), _scheme(reference), version, new_node_id)
        for node in chosen:
            start.take(node)
        summary = f"Started from {what}: {len(start.added):,} categories new, {start.n_kept:,} kept"
        result = apply_edit(
            session, "start", lambda _tree, _version: Change(start.nodes, summary), {}, author,
            details={"version": version},
        )  # fmt: skip
        if result.event_id is None:
            return StartSummary(version - 1, 0, 0, start.n_kept, None)
        taxonomy_rows.add_version(session, summary, author)
        return StartSummary(version, len(start.added), start.n_restored, start.n_kept, result.event_id)


def _reference(context: Context, name: str) -> ReferenceTaxonomy:
    known = {reference.name: reference for reference in load_references(context)}
    if name not in known:
        choices = ", ".join(sorted(known)) or "none is imported"
        raise ReferenceFormatError(f"There is no reference taxonomy '{name}'.", f"Choose one of: {choices}.")
    return known[name]


def _scheme(reference: ReferenceTaxonomy) -> str:
    """What published ids begin with: Google's are the same in all languages."""
    return re.sub(r"[^\w-]+", "-", reference.publisher.casefold())
