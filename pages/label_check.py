import streamlit as st

from core.domain.job import JobKind
from core.domain.label_issue import LabelIssueState
from core.services import label_issues
from core.services.context import Context
from core.services.label_issues import LabelItem, LabelQuery, LastCheck
from pages._parts import label_filters, label_row, label_summary
from pages._shared import caches, launch, layout, words
from pages._shared.job_monitor import job_monitor

PAGE_SIZE = 10
ORIGIN = (
    "Each product is set aside in turn while Shelfwise learns from the others. Where they point clearly to another "
    "category, it is listed here, the clearest case first."
)


def start(ctx: Context, last: LastCheck | None, *, is_busy: bool) -> None:
    """Say what the last check found, where doubts come from, and offer the next one."""
    with st.container(border=True, key="label_start"):
        left, right = st.columns([4, 1.3], vertical_alignment="center", gap="large")
        said = "**Nothing was checked yet.**" if last is None else _found(last)
        left.markdown(said)
        left.caption(ORIGIN)
        if right.button(
            "Check labels" if last is None else "Check again",
            key="label_check_go",
            type="primary" if last is None else "secondary",
            icon=":material/fact_check:",
            width="stretch",
            disabled=is_busy,
            help="It takes minutes; you can leave this page. Decisions stay; doubts that wait are renewed.",
        ):
            launch.launch_and_show(ctx, JobKind.CHECK_LABELS, {})


def _found(last: LastCheck) -> str:
    doubts = (
        words.count(last.n_issues, "label looks wrong", "labels look wrong") if last.n_issues else "None looks wrong"
    )
    checked = words.count(last.n_checked, "product")
    return f"**{doubts}** of {checked} checked {words.ago(last.at)} by {words.plain(last.author)}"


def listing(ctx: Context, query: LabelQuery) -> tuple[list[LabelItem], int]:
    """The page of doubts that is asked for, the last one where there are fewer; and how many doubts there are."""
    number = int(st.session_state.get("label_page", 1))
    items, n_found = label_issues.list_label_issues(ctx, query, PAGE_SIZE, PAGE_SIZE * (number - 1))
    n_pages = max(1, -(-n_found // PAGE_SIZE))
    if number > n_pages:
        st.session_state["label_page"] = n_pages
        items, n_found = label_issues.list_label_issues(ctx, query, PAGE_SIZE, PAGE_SIZE * (n_pages - 1))
    return items, n_found


def queue(ctx: Context) -> None:
    """Draw the doubts that wait, or were decided."""
    counts = label_issues.label_counts(ctx)
    n_decided = counts[LabelIssueState.KEPT] + counts[LabelIssueState.CORRECTED]
    total = n_decided + counts[LabelIssueState.PENDING]
    if total:
        st.progress(n_decided / total, text=f"{n_decided:,} of {words.count(total, 'doubt')} decided")
    query = label_filters.draw(ctx, counts)
    items, n_found = listing(ctx, query)
    label_summary.draw(ctx, query, items, n_found)
    if not items:
        label_summary.nothing(query, counts)
        return
    label_row.draw_all(ctx, items)
    if n_found > PAGE_SIZE:
        st.pagination(-(-n_found // PAGE_SIZE), key="label_page", persist_state="page")


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    layout.page_header("Label check", "Products that look misplaced. Keep or move each; it teaches the classifier.")
    if not caches.loop(ctx).n_products:
        layout.empty_state("Nothing to check yet", "Import a catalogue first.", "import_catalogue.py", "Import")
        return
    job = launch.latest_job(ctx, {JobKind.CHECK_LABELS})
    last = label_issues.last_check(ctx)
    start(ctx, last, is_busy=job is not None and not job.state.is_final)
    if job is not None:
        job_monitor(ctx, job, key="label_job")
    if last is not None:
        with layout.error_boundary():
            queue(ctx)


page()
