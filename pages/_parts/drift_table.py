"""Platforms by weeks as a table of shares, and what stands out in it."""

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from core.domain.drift import DriftWeek
from core.services import drift
from core.services.drift import FEWEST_PRODUCTS, Measure, ShareChange
from pages._parts import drift_words
from pages._shared import words

N_WEEKS, N_PLATFORMS, N_SAID = 12, 15, 5
FULL = 0.62
"""From this depth of colour on, figures are written in white."""
METHOD = (
    "Marked: a rise of at least 2 points that is no chance: Newcombe's interval for the difference of two shares "
    f"(1998), 95 % for all shares of the week together, against up to {drift.WEEKS_BEFORE} weeks before. A new "
    "platform is compared with the others. With fewer than "
    f"{FEWEST_PRODUCTS} products on either side nothing is marked."
)
Cells = Mapping[tuple[str, str], DriftWeek]
Changes = Mapping[tuple[str, str], ShareChange]


def draw(weeks: Sequence[DriftWeek]) -> None:
    """Draw the table of one measure, the newest weeks and the largest platforms."""
    st.subheader("What each week brought", anchor=False)
    measure = st.segmented_control("What to show", list(Measure), default=_most_telling(weeks), required=True,
                                   key="drift_measure_shown", format_func=drift_words.NAMES.get,
                                   label_visibility="collapsed")  # fmt: skip
    measure = measure or Measure.UNSURE
    all_weeks = sorted({found.week for found in weeks})
    shown = all_weeks[-N_WEEKS:]
    platforms = _platforms(weeks, shown)
    telling = [name for name in platforms if _has_some(weeks, name, shown, measure, all_weeks[0])] or platforms
    changes = {
        (change.platform, change.week): change
        for week in shown
        for change in drift.share_changes(weeks, week)
        if change.measure is measure
    }
    with st.container(border=True, key="drift_table", gap="small"):
        st.caption(drift_words.HELP[measure])
        st.html(_table(weeks, shown, telling[:N_PLATFORMS], measure, changes, all_weeks[0]))
        _left_away(max(len(telling) - N_PLATFORMS, 0), len(platforms) - len(telling))
        _stands_out(changes)


def _has_some(weeks: Sequence[DriftWeek], platform: str, shown: Sequence[str], measure: Measure, first: str) -> bool:
    """Whether a row says more than none, week after week."""
    return any(
        drift_words.share(found, measure)[1]
        for found in weeks
        if found.platform == platform and found.week in shown and (found.week != first or measure is Measure.UNSURE)
    )


def _left_away(n_small: int, n_none: int) -> None:
    said = [f"… and {words.count(n_small, 'smaller platform')}." if n_small else ""]
    said.append(f"{words.count(n_none, 'other platform')} had none in these weeks." if n_none else "")
    if n_small or n_none:
        st.caption(" ".join(filter(None, said)))


def _most_telling(weeks: Sequence[DriftWeek]) -> Measure:
    """The first measure that rose anywhere in the newest week that says something."""
    week = drift.newest_telling_week(weeks)
    risen = [change.measure for change in drift.share_changes(weeks, week or "") if change.has_risen]
    return next((measure for measure in Measure if measure in risen), Measure.BRANDS)


def _platforms(weeks: Sequence[DriftWeek], shown: Sequence[str]) -> list[str]:
    """By their products in these weeks, most first."""
    totals: dict[str, int] = {}
    for found in weeks:
        if found.week in shown:
            totals[found.platform] = totals.get(found.platform, 0) + found.n_products
    return sorted(totals, key=lambda platform: (-totals[platform], platform))


def _stands_out(changes: Changes) -> None:
    risen = sorted((change for change in changes.values() if change.has_risen), key=lambda one: (one.week, one.low))
    if risen:
        lines = [f":orange[▲] {drift_words.sentence(change)}" for change in risen[::-1][:N_SAID]]
        rest = [f":gray[… and {len(risen) - N_SAID} more marked above]"] if len(risen) > N_SAID else []
        st.markdown("  \n".join([*lines, *rest]), help=METHOD)
    else:
        st.markdown(":green[:material/check_circle:] Nothing rose beyond chance.", help=METHOD)


def _table(
    weeks: Sequence[DriftWeek], shown: Sequence[str], platforms: Sequence[str], measure: Measure, changes: Changes,
    yardstick: str,
) -> str:  # fmt: skip
    cells = {(found.platform, found.week): found for found in weeks}
    totals = {week: sum(found.n_products for found in weeks if found.week == week) for week in shown}
    heads = "".join(
        f'<th scope="col" title="{totals[week]:,} products">{drift_words.short(week)}'
        f"<small>{drift_words.began(week)}</small></th>"
        for week in shown
    )
    body = "".join(
        f'<tr><th scope="row" title="{escape(platform)}">{escape(platform)}</th>'
        + "".join(_cell(cells, changes, platform, week, measure, week == yardstick) for week in shown)
        + "</tr>"
        for platform in platforms
    )
    label = escape(drift_words.NAMES[measure])
    return (
        f'<div class="sw-heat-box"><table class="sw-heat" aria-label="{label}" data-testid="drift-table">'
        f"<thead><tr><th></th>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(cells: Cells, changes: Changes, platform: str, week: str, measure: Measure, is_yardstick: bool) -> str:
    found = cells.get((platform, week))
    if found is None:
        return '<td class="none" title="Nothing came">·</td>'
    if is_yardstick and measure is not Measure.UNSURE:
        return f'<td class="none" title="{found.n_products:,} products: the yardstick">yardstick</td>'
    share, hits, of = drift_words.share(found, measure)
    if not of:
        return f'<td class="none" title="{found.n_products:,} products, nothing to measure">–</td>'
    change = changes.get((platform, week))
    has_risen = change is not None and change.has_risen
    depth = min(share**0.5, 1.0)  # small shares differ, too
    kinds = " ".join(
        name
        for name, is_so in (("risen", has_risen), ("full", depth > FULL), ("few", found.n_products < FEWEST_PRODUCTS))
        if is_so
    )
    tip = f"{hits:,} of {of:,} · {words.count(found.n_products, 'product')} came"
    return f'<td class="{kinds}" style="--share:{88 * depth:.0f}%" title="{tip}">{words.sure(share)}</td>'
