"""Splitting a category by the words in its products' titles, with a count before anything moves."""

import streamlit as st

from core.domain.taxonomy import TaxonomyNode
from core.services import taxonomy_split
from core.services.context import Context
from core.services.taxonomy_split import SplitPart
from pages._parts import taxonomy_acts as acts
from pages._parts import taxonomy_forms as forms
from pages._parts.taxonomy_data import TaxonomyData
from pages._shared import words

EXAMPLE = "Ankle boots: ankle, chelsea\nRain boots: rain, rubber"
HELP = (
    "One part a line: its name, a colon, and words parted by commas. Products whose title holds one of the words go "
    "there; the first line that fits wins."
)


def draw(ctx: Context, data: TaxonomyData, node: TaxonomyNode) -> None:
    """Draw the form."""
    key = f"{node.id}_{node.revision}"
    text = st.text_area("Parts", key=f"split_{key}", height=110, placeholder=EXAMPLE, help=HELP)
    is_kept = st.segmented_control(
        "The rest",
        [True, False],
        default=True,
        required=True,
        key=f"split_kept_{key}",
        format_func=lambda kept: f"stays in {node.name}" if kept else "goes to the first part",
        help="Where the rest goes to the first part, the category itself goes out of use, in favour of its parts.",
    )
    parts = parse_parts(text or "")
    if parts:
        _preview(ctx, node, parts, bool(is_kept))
    elif not data.view.direct_counts.get(node.id):
        st.caption("No product is in this category itself: the parts would start empty.")
    reason, seen = forms.why(key), {node.id: node.revision}

    def act() -> None:  # reads the fields anew: one may have changed with the very click
        typed, stays = parse_parts(forms.given(f"split_{key}")), bool(st.session_state.get(f"split_kept_{key}", True))
        acts.do(_split, ctx, node.id, typed, stays, revisions=seen, why=forms.given(reason))

    forms.go(f"Split into {words.count(len(parts), 'part')}" if parts else "Split", f"split_go_{key}", act)


def parse_parts(text: str) -> list[SplitPart]:
    """Parts as they were typed: `name: word, word`, one a line."""
    parts = []
    for line in text.splitlines():
        name, _, said = line.partition(":")
        if name.strip():
            parts.append(SplitPart(name.strip(), tuple(word.strip() for word in said.split(",") if word.strip())))
    return parts


def _split(ctx: Context, node_id: str, parts: list[SplitPart], is_kept: bool, **others: object) -> object:
    return taxonomy_split.split(ctx, node_id, parts, is_kept=is_kept, **others)


def _preview(ctx: Context, node: TaxonomyNode, parts: list[SplitPart], is_kept: bool) -> None:
    preview = taxonomy_split.preview_split(ctx, node.id, parts)
    lines = []
    for place, (part, n_products, examples) in enumerate(zip(parts, preview.n_products, preview.examples, strict=True)):
        rest = preview.n_rest if not is_kept and place == 0 else 0
        such_as = f" :small[:gray[{words.plain(' · '.join(examples[:2]))}]]" if examples else ""
        lines.append(f"- **{words.plain(part.name)}** {words.count(n_products + rest, 'product')}{such_as}")
    if is_kept:
        lines.append(f"- :gray[{words.plain(node.name)} keeps {words.count(preview.n_rest, 'product')}]")
    st.markdown("\n".join(lines))
    if preview.n_contested:
        st.caption(f"{words.count(preview.n_contested, 'product')} fit several parts: the first line gets them.")
