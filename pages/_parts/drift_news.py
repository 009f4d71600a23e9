"""One week closer: brands and words that nobody had before, and the categories that grew."""

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from core.domain.drift import DriftWeek
from core.domain.product import PATH_SEPARATOR
from core.services import drift
from core.services.context import Context
from core.services.drift import GrowingCategory
from pages._parts import drift_words
from pages._shared import drift_caches, words

BRANDS, WORDS = "brands", "words"
N_TERMS, N_GROWN, FEWEST_MENTIONS = 12, 8, 2


def draw(ctx: Context, weeks: Sequence[DriftWeek]) -> None:
    """Draw a choice of the week, and what it brought."""
    later = sorted({found.week for found in weeks}, reverse=True)[:-1]
    newest = drift.newest_telling_week(weeks)
    heading, choice = st.columns([3, 2], vertical_alignment="bottom")
    heading.subheader("One week closer", anchor=False)
    week = choice.selectbox("Week", later, index=later.index(newest) if newest else 0, key="drift_week",
                            format_func=drift_words.named, label_visibility="collapsed")  # fmt: skip
    found = [one for one in weeks if one.week == week]
    left, right = st.columns(2, gap="medium")
    with left.container(border=True, height="stretch", key="drift_unseen", gap="small"):
        st.markdown("#### Brands and words nobody had before")
        _unseen(found)
    with right.container(border=True, height="stretch", key="drift_growing", gap="small"):
        st.markdown("#### Categories that grow")
        _growing(drift_caches.growing(ctx, week))


def _unseen(found: Sequence[DriftWeek]) -> None:
    rows = "".join(
        f'<div class="sw-chips-of">{escape(one.platform)} · {words.count(total, "product")} of unseen brands</div>'
        + _chips(one.unseen.get(BRANDS, {}))
        for one in _most(found, "n_unseen_brands")
        if (total := one.n_unseen_brands)
    )
    told = [(one, _words(one)) for one in _most(found, "n_unseen_words") if one.n_unseen_words]
    rows += "".join(
        f'<div class="sw-chips-of">{escape(one.platform)} · unseen words {one.n_unseen_words:,} times</div>'
        + _chips(terms)
        for one, terms in told
        if terms
    )
    if rest := [one.platform for one, terms in told if not terms]:
        named = rest[0] if len(rest) == 1 else words.count(len(rest), "platform")
        rows += (
            f'<div class="sw-chips-of" title="{escape(", ".join(rest))}">{escape(named)} · unseen are only numbers, '
            "brands and words that came once</div>"
        )
    if rows:
        st.html(rows)
    else:
        st.caption("Every brand and every word was there before.")


def _most(found: Sequence[DriftWeek], field: str) -> list[DriftWeek]:
    return sorted(found, key=lambda week: (-getattr(week, field), week.platform))


def _words(week: DriftWeek) -> dict[str, int]:
    """Words that came twice at least: a single one is mostly a model's name or a number."""
    in_brands = {word for brand in week.unseen.get(BRANDS, {}) for word in brand.casefold().split()}
    return {
        word: n
        for word, n in week.unseen.get(WORDS, {}).items()
        if n >= FEWEST_MENTIONS and word not in in_brands and not word.isdecimal()
    }


def _chips(terms: Mapping[str, int]) -> str:
    ordered = sorted(terms.items(), key=lambda term: (-term[1], term[0]))[:N_TERMS]
    return f'<div class="sw-chips">{"".join(f"<span>{escape(term)}<b>{n:,}</b></span>" for term, n in ordered)}</div>'


def _growing(found: Sequence[tuple[str, GrowingCategory]]) -> None:
    if not found:
        st.caption("No category certainly grew. A share counts as grown when its rise is no chance, at 95 % for all "
                   "categories of the week together.")  # fmt: skip
        return
    st.caption("Share of what came in this week, as a curator or else the classifier says; the pale bar is the weeks "
               "before.")  # fmt: skip
    top = max(one.share for _, one in found)
    st.html("".join(_row(path, one, top) for path, one in found[:N_GROWN]))


def _row(path: str, one: GrowingCategory, top: float) -> str:
    *above, name = path.split(PATH_SEPARATOR)
    lead = "".join(f"{escape(part)} › " for part in above)
    bars = "".join(
        f'<i class="{kind}" style="width:{100 * share / top:.0f}%"></i>'
        for kind, share in (("was", one.share_before), ("", one.share))
    )
    tip = f"{one.n:,} of {one.n_week:,}, before {one.n_before:,} of {one.n_weeks_before:,}"
    figures = f"{words.sure(one.share_before)} → {words.sure(one.share)}"
    return (
        f'<div class="sw-grow" title="{tip}"><div><span class="sw-quiet">{lead}</span><b>{escape(name)}</b>'
        f"<small>{words.count(one.n, 'product')}, at least {one.ratio_low:.1f} times the share</small></div>"
        f"<div>{bars}</div><em>{figures}</em></div>"
    )
