"""The figure that answers an experiment's question at a glance."""

from collections.abc import Sequence

import streamlit as st

from core.services.experiments import ExperimentTable, Value
from pages._shared import charts, words

MOST_ROWS = 40
MOST_LEVELS = 3
OVERALL, LEVEL, DETAIL, PURITY = "hF1", "macro F1", "hF1, ", "Purity"
Points = tuple[list[str], dict[str, list[float | None]]]


def draw(name: str, table: ExperimentTable) -> None:
    """Draw the chart of an experiment; nothing where its table has no figures to compare."""
    names, series = detail_points(table) if table.details else points(table)
    if len(names) < 2 or not series:
        return
    title = "Shop by shop" if table.details else "Side by side"
    reading = in_a_sentence(table)
    if table.details and len(table.details[0].rows) > MOST_ROWS:
        reading += f" The {MOST_ROWS} largest shops are shown."
    with st.container(border=True, key="experiment_chart", gap="small"):
        st.markdown(f"#### {title}")
        if reading:
            st.caption(reading)
        figure = charts.dots(names, series, hover="%{y}: %{x:.2%}")
        charts.show(figure, key=f"experiment_chart_{name}", alt=f"{title}. {reading}")


def in_a_sentence(table: ExperimentTable) -> str:
    """Which rows have the best hF1, and by how much; '' where the table has none."""
    if OVERALL not in table.columns:
        return ""
    index = table.columns.index(OVERALL)
    rows = [row for row in table.rows if row[index] is not None]
    known = dict(zip(_names(rows), (float(row[index] or 0.0) for row in rows), strict=True))
    best = max(known.values())
    ahead = [words.plain(name) for name, value in known.items() if value == best]
    others = [value for value in known.values() if value < best]
    said = f"{len(ahead)} of {len(known)} rows do" if len(ahead) > 2 else f"{' and '.join(ahead)} do"
    lead = f", {100 * (best - max(others)):.2f} points ahead of the next" if others else ""
    return f"{said}{'es' if len(ahead) == 1 else ''} best: {words.percent(best, 2)} hF1{lead}."


def points(table: ExperimentTable) -> Points:
    """Names of the rows measured so far, and what tells them apart: hF1, macro F1 by level, purity.

    Where the last labels repeat for every row, as `with` and `without` do, they become the series of one figure.
    """
    titles = [title for title in table.columns if title == OVERALL]
    levels = [title for title in table.columns if title.endswith(LEVEL)]
    titles += levels if len(levels) <= MOST_LEVELS else []
    titles += [title for title in table.columns if title.startswith(PURITY)]
    indices = {title: table.columns.index(title) for title in titles}
    rows = [row for row in table.rows if any(row[index] is not None for index in indices.values())]
    if list(indices) == [OVERALL] and _is_grid(rows):
        return _grid(rows, indices[OVERALL])
    return _names(rows), _series(rows, indices)


def _labels(row: tuple[Value, ...]) -> tuple[str, ...]:
    return tuple(value for value in row if isinstance(value, str))


def _is_grid(rows: Sequence[tuple[Value, ...]]) -> bool:
    """Whether the rows are all pairs of some first labels and two or more last ones."""
    labels = {_labels(row) for row in rows}
    first, last = {label[:-1] for label in labels}, {label[-1] for label in labels if label}
    return () not in first and len(first) > 1 and len(last) > 1 and len(first) * len(last) == len(labels)


def _grid(rows: Sequence[tuple[Value, ...]], index: int) -> Points:
    found = {_labels(row): row[index] for row in rows}
    first = list(dict.fromkeys(label[:-1] for label in found))
    series = {last: [found[*label, last] for label in first] for last in dict.fromkeys(label[-1] for label in found)}
    return _names(first), {name: [_number(value) for value in values] for name, values in series.items()}


def detail_points(table: ExperimentTable) -> Points:
    """Names of the rows of the second table, and overall hF1 in each of its columns."""
    detail = table.details[0]
    indices = {title.removeprefix(DETAIL): i for i, title in enumerate(detail.columns) if title.startswith(DETAIL)}
    rows = detail.rows[:MOST_ROWS]
    return [str(row[0]) for row in rows], _series(rows, indices)


def _names(rows: Sequence[tuple[Value, ...]]) -> list[str]:
    """The first label where it tells rows apart; else all of them."""
    labels = [_labels(row) for row in rows]
    firsts = [label[0] for label in labels if label]
    is_enough = {first for first in firsts if firsts.count(first) == 1}
    return [label[0] if label[0] in is_enough else " · ".join(label) for label in labels if label]


def _series(rows: Sequence[tuple[Value, ...]], indices: dict[str, int]) -> dict[str, list[float | None]]:
    columns = {title: [row[index] for row in rows] for title, index in indices.items()}
    numbers = {title: [_number(value) for value in values] for title, values in columns.items()}
    return {title: values for title, values in numbers.items() if any(value is not None for value in values)}


def _number(value: Value) -> float | None:
    return value if isinstance(value, int | float) else None
