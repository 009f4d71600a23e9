"""Fetches the browser's chart library while the first page is being read, so that the first chart need not wait."""

from functools import cache
from pathlib import Path

import streamlit as st

_JS = """
const wanted = new Set();
export default function ({ data }) {
  if (!data.module || wanted.has(data.module)) return;
  wanted.add(data.module);
  const load = () => import(new URL(data.module, document.baseURI).href).catch(() => {});
  setTimeout(load, 400);
}
"""
_component = st.components.v2.component("shelfwise_preload", html="<span hidden></span>", js=_JS)


@cache
def _chart_module() -> str | None:
    """Streamlit's own chart chunk, relative to the page; None where this version has no such file."""
    static = Path(st.__file__).parent / "static"
    found = sorted(static.glob("static/js/PlotlyChart.*.js"))
    return found[0].relative_to(static).as_posix() if found else None


def chart_library() -> None:
    """Draw nothing; have the browser fetch the chart library once it is idle."""
    _component(key="preload_charts", data={"module": _chart_module()})
