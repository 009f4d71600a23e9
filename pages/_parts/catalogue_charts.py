"""The catalogue at a glance: one chart and one plain sentence each."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.domain.product import PATH_SEPARATOR
from core.services.catalogue import CatalogueStatistics
from pages._shared import charts, words

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SHOWN = 8
FEW_WORDS, MANY_WORDS = 4, 15


def draw(statistics: CatalogueStatistics) -> None:
    """Draw all charts, two in a row."""
    cards: tuple[Callable[[CatalogueStatistics], None], ...] = (
        _depth,
        _levels,
        _imbalance,
        _platforms,
        _titles,
        _brands,
        _clean_platforms,
        _clean_categories,
    )
    for start in range(0, len(cards), 2):
        for column, card in zip(st.columns(2, gap="medium"), cards[start : start + 2], strict=False):
            with column:
                card(statistics)


def _card(key: str, title: str, reading: str, figure: "Figure | None") -> None:
    with st.container(border=True, key=f"card_{key}", height="stretch", gap="small"):
        st.markdown(f"#### {title}")
        st.caption(reading)
        if figure is not None:
            charts.show(figure, key=f"chart_{key}", alt=f"{title}. {reading}")


def _depth(statistics: CatalogueStatistics) -> None:
    frame = statistics.depth_distribution
    top = frame.loc[frame["n_products"].idxmax()]
    reading = f"{words.percent(top['share'])} of products sit {words.count(int(top['depth']), 'level')} deep."
    named = frame.assign(name=[words.count(int(depth), "level") for depth in frame["depth"]])
    _card(
        "depth", "How deep products sit", reading, charts.columns(named, "name", "n_products", hover="%{y:,} products")
    )


def _levels(statistics: CatalogueStatistics) -> None:
    frame = statistics.products_per_level
    deepest, first = frame.iloc[-1], frame.iloc[0]
    share = deepest["n_products"] / max(first["n_products"], 1)
    reach = f"{words.percent(share)} of products reach level {int(deepest['level'])}, the deepest there is."
    reading = f"Only {reach}" if share < 0.5 else reach
    if len(frame) == 1:
        reading = "There is one level of categories; everything finer is still to be found."
    named = frame.assign(
        name=[f"Level {level} · {count(n)}" for level, n in zip(frame["level"], frame["n_nodes"], strict=True)]
    )
    _card("levels", "Products per level", reading, charts.bars(named, "name", "n_products", hover="%{x:,} products"))


def count(n_nodes: int) -> str:
    """Categories of a level, in words."""
    return words.count(int(n_nodes), "category", "categories")


def _imbalance(statistics: CatalogueStatistics) -> None:
    frame = statistics.imbalance
    worst = frame.loc[frame["largest_to_median"].idxmax()]
    reading = (
        f"At level {int(worst['level'])} the largest category holds {worst['largest_to_median']:.0f} times "
        "as many products as the middle one."
    )
    series = {"Largest": frame["largest"], "Middle": frame["median"]}
    levels = [f"Level {level}" for level in frame["level"]]
    _card("imbalance", "Large and small categories", reading, charts.grouped(levels, series, hover="%{y:,} products"))


def _platforms(statistics: CatalogueStatistics) -> None:
    frame = statistics.platforms.sort_values("n_products", ascending=False)
    total = max(int(frame["n_products"].sum()), 1)
    first = frame.iloc[0]
    share = words.percent(first["n_products"] / total)
    reading = f"{words.plain(str(first['platform']))} brings most: {share} of all products."
    figure = charts.bars(frame.head(SHOWN), "platform", "n_products", hover="%{x:,} products")
    _card("platforms", "Platforms", reading, figure)


def _titles(statistics: CatalogueStatistics) -> None:
    frame = statistics.title_lengths
    total = max(int(frame["n_products"].sum()), 1)
    middle = frame.loc[frame["n_products"].cumsum() >= total / 2, "n_words"].iloc[0]
    verdict = "enough to tell what a product is"
    if middle < FEW_WORDS:
        verdict = "short, so images matter more"
    elif middle > MANY_WORDS:
        verdict = "long, with much that says little about the kind of product"
    reading = f"Half of the titles have up to {words.count(int(middle), 'word')}: {verdict}."
    figure = charts.columns(frame, "n_words", "n_products", hover="%{x} words: %{y:,} products")
    _card("titles", "Words in a title", reading, figure)


def _brands(statistics: CatalogueStatistics) -> None:
    frame = statistics.brand_skew
    if frame.empty:
        _card("brands", "Brands", "No product names its brand.", None)
        return
    ten = frame.loc[frame["top_k"] <= 10].iloc[-1]
    reading = f"The {int(ten['top_k'])} largest brands make up {words.percent(ten['share'])} of products with a brand."
    named = frame.assign(name=[f"Top {k}" if k > 1 else "Largest" for k in frame["top_k"]])
    figure = charts.bars(named, "name", "share", hover="%{x:.0%} of products", as_percent=True)
    _card("brands", "Share of the largest brands", reading, figure)


def _clean_platforms(statistics: CatalogueStatistics) -> None:
    _clean("clean_platforms", "Plain backgrounds by platform", statistics.clean_by_platform, "platform")


def _clean_categories(statistics: CatalogueStatistics) -> None:
    frame = statistics.clean_by_category
    _clean("clean_categories", "Plain backgrounds by category", frame, frame.columns[0])


def _clean(key: str, title: str, frame: pd.DataFrame, by: str) -> None:
    if frame.empty:
        _card(key, title, "No product has an image.", None)
        return
    shown = frame.head(SHOWN).sort_values("clean_share", ascending=False)
    best, worst = shown.iloc[0], shown.iloc[-1]
    reading = f"From {words.percent(best['clean_share'])} in {_short(best[by])}"
    reading += f" to {words.percent(worst['clean_share'])} in {_short(worst[by])}."
    if len(shown) == 1:
        reading = f"{words.percent(best['clean_share'])} of images are shot on a plain background."
    figure = charts.bars(shown, by, "clean_share", hover="%{y}: %{x:.0%} of images", as_percent=True)
    _card(key, title, reading, figure)


def _short(path: object) -> str:
    return words.plain(str(path).rsplit(PATH_SEPARATOR, 1)[-1])
