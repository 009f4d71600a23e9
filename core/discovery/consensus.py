"""What several curators want for one cluster, taken together."""

from collections.abc import Sequence

from core.domain.opinion import Opinion, Standing, StandingKind, Verdict


def newest(opinions: Sequence[Opinion]) -> tuple[Opinion, ...]:
    """The newest opinion of each curator, in the order they came."""
    of_curator = {opinion.curator: opinion for opinion in sorted(opinions, key=lambda opinion: opinion.id)}
    return tuple(sorted(of_curator.values(), key=lambda opinion: opinion.id))


def standing(opinions: Sequence[Opinion], required: int) -> Standing:
    """Where the curators of one cluster stand.

    Args:
        opinions: On one cluster, of any number of curators; the newest of each counts.
        required: How many must want the same.

    Returns:
        Agreed where so many want the same and no other view has as many; the name as the first of them wrote it.
    """
    counted = newest(opinions)
    views: dict[tuple[Verdict, str], list[Opinion]] = {}
    for opinion in counted:
        views.setdefault(opinion.label, []).append(opinion)
    if not views:
        return Standing(StandingKind.NONE)
    first, *others = sorted(views.values(), key=len, reverse=True)
    if len(first) >= required and all(len(other) < len(first) for other in others):
        is_name = first[0].verdict is Verdict.APPROVE
        kind = StandingKind.AGREED_NAME if is_name else StandingKind.AGREED_REJECTION
        return Standing(kind, first[0].name, tuple(opinion.author for opinion in first))
    everybody = tuple(opinion.author for opinion in counted)
    if not others:
        return Standing(StandingKind.WAITING, authors=everybody)
    is_about_names = all(verdict is Verdict.APPROVE for verdict, _ in views)
    return Standing(StandingKind.DISPUTED_NAMES if is_about_names else StandingKind.DISPUTED, authors=everybody)


def blind_labels(opinions: Sequence[Opinion]) -> dict[str, tuple[Verdict, str]]:
    """What each curator of one cluster said before they could see what another had said.

    The first curator sees nothing of others until a second speaks, and may correct themselves until then; whoever
    comes later sees the others' as soon as they have given their own.

    Args:
        opinions: On one cluster, all that were given.

    Returns:
        Curator → label.
    """
    labels: dict[str, tuple[Verdict, str]] = {}
    for opinion in sorted(opinions, key=lambda opinion: opinion.id):
        if opinion.curator not in labels or len(labels) == 1:
            labels[opinion.curator] = opinion.label
    return labels
