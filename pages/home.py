import streamlit as st

from core.domain.job import JobKind
from core.services.catalogue import CatalogueTotals
from core.services.context import Context
from pages._parts import activity, drift_box
from pages._shared import caches, launch, layout, loop
from pages._shared.job_monitor import job_monitor

PURPOSE = "From a category that holds everything to one you named, approved and can apply to every platform."
HOW = """
<div class="sw-steps">
  <div><i>1</i><b>Import</b><p>Products, their images and the shallow categories they have today.</p></div>
  <div><i>2</i><b>Discover</b><p>Shelfwise groups the products of one category by looks and words.</p></div>
  <div><i>3</i><b>Review</b><p>You look at each cluster, correct it, name it and approve it.</p></div>
  <div><i>4</i><b>Retrain</b><p>A classifier learns the new categories and places every product.</p></div>
</div>
"""


def welcome(ctx: Context) -> None:
    """The first sight of an empty workspace: what this is, and two ways in."""
    layout.page_header("Find the subcategories your catalogue already contains", PURPOSE)
    job = launch.latest_job(ctx, {JobKind.DEMO, JobKind.IMPORT})
    if job is not None:
        job_monitor(ctx, job, key="home_job")
    busy = job is not None and not job.state.is_final
    left, right = st.columns(2, gap="medium")
    with left.container(border=True, height="stretch", key="start_demo"):
        st.markdown("#### :material/auto_awesome: Try it on a demo")
        st.markdown("About 1,500 shoes, bags and clothes from five shops, drawn for you. Ready in a minute.")
        if st.button("Load the demo catalogue", key="load_demo", type="primary", disabled=busy):
            launch.launch_and_show(ctx, JobKind.DEMO, {})
    with right.container(border=True, height="stretch", key="start_own"):
        st.markdown("#### :material/upload_file: Bring your own")
        st.markdown("A CSV or Parquet file of products, with their images in a zip file or a folder.")
        if st.button("Import your own", key="import_own", disabled=busy):
            st.switch_page("import_catalogue.py")
    st.space("small")
    st.html(HOW)


def overview(ctx: Context, totals: CatalogueTotals) -> None:
    """Where the curator stands and what to do next."""
    layout.page_header("Home", "Where you stand, and what comes next.")
    state = caches.loop(ctx)
    step = loop.next_step(state)
    with st.container(border=True, key="next_step", gap="xsmall"):
        st.html('<div class="sw-section">Next</div>')
        st.markdown(f"### {step.call}")
        st.markdown(step.advice)
        if st.button(step.call, key="next_step_go", type="primary", icon=":material/arrow_forward:"):
            st.switch_page(step.page)
    job = launch.latest_job(ctx, set(JobKind))
    if job is not None and not job.state.is_final:
        job_monitor(ctx, job, key="home_job")
    layout.metric_row(
        [
            ("Products", f"{totals.n_products:,}", None),
            ("Platforms", f"{totals.n_platforms:,}", "Shops and marketplaces the products come from."),
            ("Categories", f"{totals.n_categories:,}", "Nodes of the taxonomy in use."),
            ("New subcategories", f"{state.n_approved_nodes:,}", "Approved from clusters that discovery found."),
            ("Clusters to review", f"{state.n_open_clusters:,}", "Neither approved nor rejected."),
            ("Predictions to review", f"{state.n_pending_predictions:,}", "Of the model in use, not decided yet."),
        ]
    )
    drift_box.draw(ctx)
    st.subheader("Latest activity", anchor=False)
    activity.latest_activity(ctx)


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    totals = caches.totals(ctx)
    if totals.n_products:
        overview(ctx, totals)
    else:
        welcome(ctx)


page()
