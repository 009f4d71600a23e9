"""What a curator can do to doubts about labels."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from core.domain.label_issue import LabelIssueState
from core.services import label_decisions
from core.services.context import Context
from core.services.label_decisions import Decided
from core.services.label_issues import LabelQuery
from pages._shared import state, words
from pages._shared.layout import acting

CHOOSING = "_label_choosing"


def keep(ctx: Context, ids: Sequence[int], seen: LabelIssueState = LabelIssueState.PENDING) -> None:
    """Keep products where the label says."""
    _do("kept", lambda: label_decisions.keep_labels(ctx, ids, state.author(), seen))


def move(ctx: Context, targets: Mapping[int, str], seen: LabelIssueState = LabelIssueState.PENDING) -> None:
    """Put the products of doubts under these nodes."""
    _do("moved", lambda: label_decisions.correct_labels(ctx, targets, state.author(), seen))


def move_all(ctx: Context, query: LabelQuery) -> None:
    """Follow every suggestion in a filter."""
    _do("moved", lambda: label_decisions.accept_suggestions(ctx, query, state.author()))


def choose_another(issue_id: int) -> None:
    """Open the list of categories of a doubt, or close it."""
    st.session_state[CHOOSING] = None if is_choosing(issue_id) else issue_id


def is_choosing(issue_id: int) -> bool:
    """Whether the list of categories of a doubt is open."""
    return st.session_state.get(CHOOSING) == issue_id


def _do(what: str, decide: Callable[[], Decided]) -> None:
    def act() -> str:
        done = decide()
        st.session_state[CHOOSING] = None
        said = f"{words.count(done.n_decided, 'product')} {what}."
        if done.n_passed_over:
            said += f" {done.n_passed_over:,} passed over: decided or moved by another act meanwhile."
        return said

    acting(act)
