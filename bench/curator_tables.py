"""The curator's benchmark as tables."""

from collections.abc import Sequence

from bench.curator_curves import crossing, share_after
from bench.curator_plan import NO_CLUSTERS, PRODUCT, Worked

MARKS = (0.80, 0.90, 0.95, 0.98)
STEPS = (1, 2, 3, 4, 6, 10, 20, 40)
"""Decisions per 1,000 products at which the curves are printed."""
TARGETS = {0.95: 6.0, 0.98: 40.0}
TARGET_RATIO = 5.0


def marks_table(worked: Sequence[Worked], ceiling: float, n_products: int) -> str:
    """Decisions per 1,000 products to each mark; in brackets the decisions themselves, from which on it is held."""
    head = "| way | " + " | ".join(f"{mark:.0%} of the ceiling ({mark * ceiling:.3f})" for mark in MARKS) + " |"
    lines = [head, "|---" * (len(MARKS) + 1) + "|"]
    for item in worked:
        cells = [_cell(item, mark * ceiling, n_products) for mark in MARKS]
        lines.append(f"| {item.way.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def curves_table(worked: Sequence[Worked], n_products: int) -> str:
    """Share of products labelled right after so many decisions per 1,000 products; blank where a way had stopped."""
    head = "| way | " + " | ".join(str(step) for step in STEPS) + " |"
    lines = [head, "|---" * (len(STEPS) + 1) + "|"]
    for item in worked:
        at = [round(step * n_products / 1000) for step in STEPS]
        cells = [f"{share_after(item.curve, n):.3f}" if n < len(item.curve) else "" for n in at]
        lines.append(f"| {item.way.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def effort_table(worked: Sequence[Worked]) -> str:
    """Acts by kind and screens looked at, over the whole curve, of the first seed."""
    lines = ["| way | decisions | by act | screens looked at | products looked at |", "|---|---|---|---|---|"]
    for item in worked:
        desk = item.desks[0]
        acts = ", ".join(f"{act} {count}" for act, count in sorted(desk.counts.items()))
        lines.append(f"| {item.way.name} | {desk.n_decisions} | {acts} | {desk.n_screens} | {int(desk.seen.sum()):,} |")
    return "\n".join(lines)


def verdicts(worked: Sequence[Worked], ceiling: float, n_products: int) -> list[str]:
    """One sentence for each target, saying whether it was met; those that were not measured are left out."""
    by_name = {item.way.name: item for item in worked}
    product = by_name.get(PRODUCT.name)
    if product is None:
        return []
    said = []
    for mark, allowed in TARGETS.items():
        held = crossing(product.curve, mark * ceiling).held
        rate = held * 1000 / n_products if held is not None else float("inf")
        said.append(
            f"{mark:.0%} of the ceiling: {rate:.1f} decisions per 1,000, {_met(rate <= allowed)} ({allowed:g})."
        )
    held = crossing(product.curve, 0.95 * ceiling).held
    for way in NO_CLUSTERS:
        if way.name in by_name and held:
            other = by_name[way.name]
            reached = crossing(other.curve, 0.95 * ceiling).reached
            ratio = (reached or len(other.curve)) / held
            least = "" if reached else "more than "
            said.append(f"Against {way.name}: {least}{ratio:.1f} times fewer, {_met(ratio >= TARGET_RATIO)}.")
    return said


def _cell(item: Worked, share: float, n_products: int) -> str:
    found = crossing(item.curve, share)
    if found.reached is None:
        return f"not by {(len(item.curve) - 1) * 1000 / n_products:.0f}"
    held = "" if found.held == found.reached else f", held from {found.held}" if found.held else ", not held"
    return f"{found.reached * 1000 / n_products:.1f} ({found.reached}{held})"


def _met(is_met: bool) -> str:
    return "target met" if is_met else "TARGET MISSED"
