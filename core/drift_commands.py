"""The command `python -m core drift`: what the newest week brought, and where another discovery would pay."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.command_line import AsJson, run_job, show
from core.domain.drift import DiscoveryProposal, DriftWeek
from core.domain.job import JobKind
from core.services.context import open_context
from core.services.discovery_proposals import discovery_proposals
from core.services.drift import drift_weeks, newest_telling_week, share_changes


def drift(as_json: AsJson = False) -> None:
    """Measure what each week brought that is new, and propose categories for discovery."""
    context = open_context()
    result = run_job(context, JobKind.DRIFT, {}, "Measuring drift")
    weeks, proposals = drift_weeks(context), discovery_proposals(context)
    week = newest_telling_week(weeks)
    risen = [asdict(change) for change in share_changes(weeks, week or "") if change.has_risen]
    told: dict[str, Any] = {
        **result, "newest_week": week, "weeks": [asdict(found) for found in weeks], "risen": risen,
        "proposals": [_plain(proposal) for proposal in proposals],
    }  # fmt: skip
    show(told, as_json, "\n".join(_lines(weeks, week, risen, proposals)))


def _plain(proposal: DiscoveryProposal) -> dict[str, Any]:
    kept = ("node_id", "path", "score", "reasons", "n_products")
    return {name: getattr(proposal, name) for name in kept}


def _lines(
    weeks: Sequence[DriftWeek],
    week: str | None,
    risen: Sequence[dict[str, Any]],
    proposals: Sequence[DiscoveryProposal],
) -> list[str]:
    if week is None:
        return ["Only one week of products so far: it is the yardstick for the next one."]
    marks = {(change["platform"], str(change["measure"])) for change in risen}
    lines = [f"Week {week}; ! marks a rise that is no chance"]
    for found in (one for one in weeks if one.week == week):
        shares = {"unsure": found.share_unsure, "brands": found.share_unseen_brands, "words": found.share_unseen_words}
        figures = "  ".join(
            f"{name} {share:>4.0%}{'!' if (found.platform, name) in marks else ' '}" for name, share in shares.items()
        )
        lines.append(f"  {found.n_products:>7,} products  {figures}  {found.platform}")
    lines.append("Worth another discovery:" if proposals else "No category stands out for another discovery.")
    for proposal in proposals:
        lines += [f"  {proposal.path}", *(f"    {reason}" for reason in proposal.reasons)]
    return lines
