"""A table of measured figures: shares in percent, the best of each column in bold."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from core.services.experiments import Value

NOT_JUDGED = (
    "seconds", "products", "seed", "dropped", "never seen", "spread", "number of", "purity", "after",
)  # fmt: skip
"""Parts of the titles of columns in which more is neither better nor worse than in another row."""
LESS_IS_BETTER = ("invalid", "error")
HELP = {
    "macro f1": "The average over categories: small ones count as much as large ones.",
    "weighted f1": "The average over products: large categories count more.",
    "micro f1": "Over all answers at once, of whatever category.",
    "hp": "Precision: of the categories that were given, the share that is right, parents included.",
    "hr": "Recall: of the categories that are right, the share that was given, parents included.",
    "hf1": "Precision and recall in one figure: how much of each path is right.",
    "exact path": "Products whose path is right to the last level.",
    "invalid paths": "Products that got a path which the taxonomy does not have; less is better.",
    "test products": "Products that no training saw.",
    "dropped as duplicates": "Products of the tested shops that the others offer as well: no part of the test.",
    "in categories never seen": "Tested products in a category that no training product has: they cannot be right.",
    "seconds": "Of training.",
    "purity before retraining": "Share of products that carry the commonest true label of their cluster.",
    "purity after retraining": "The same, once the classifier has sorted every product, filtered-out ones included.",
}


def draw(columns: Sequence[str], rows: Sequence[tuple[Value, ...]], *, key: str) -> None:
    """Draw the table; what is not measured yet is a dash."""
    config = {title: st.column_config.Column(help=_help(title)) for title in columns if _help(title)}
    table = styled(columns, rows)
    st.dataframe(table, hide_index=True, key=key, placeholder="–", column_config=config, height="content")


def styled(columns: Sequence[str], rows: Sequence[tuple[Value, ...]]) -> Styler:
    """The table with its figures formatted, and the best of each column emphasised."""
    frame = pd.DataFrame([list(row) for row in rows], columns=list(columns))
    figures = [column for column in frame.columns if _is_figures(frame[column])]
    frame[figures] = frame[figures].apply(pd.to_numeric)
    judged = [column for column in figures if not any(word in column.lower() for word in NOT_JUDGED)]
    formats = {column: number_format(frame[column]) for column in figures}
    return frame.style.format(formats, na_rep="–").apply(_emphasis, subset=judged)


def best_rows(values: pd.Series, *, is_more_better: bool) -> pd.Series:
    """Which values are the best of a column, as True; none where all are alike."""
    known = values.dropna()
    if len(known) < 2 or known.min() == known.max():
        return pd.Series(False, index=values.index)
    return values == (known.max() if is_more_better else known.min())


def number_format(values: pd.Series) -> Callable[[float], str]:
    """How the figures of a column are written: whole, with decimals, or as a share in percent."""
    known = values.dropna()
    if known.max() > 1 and (known == known.round()).all():
        return "{:,.0f}".format
    if "seconds" in str(values.name).lower():
        return "{:,.1f}".format
    return "{:.2f}".format if known.abs().max() > 1 else lambda share: f"{100 * share:.2f}"


def _emphasis(values: pd.Series) -> list[str]:
    is_more_better = not any(word in str(values.name).lower() for word in LESS_IS_BETTER)
    tint = st.get_option(f"theme.{st.context.theme.type or 'light'}.chartSequentialColors")[0]
    strong = f"font-weight: 700; background-color: {tint}"
    return [strong if is_best else "" for is_best in best_rows(values, is_more_better=is_more_better)]


def _is_figures(values: pd.Series) -> bool:
    known = values.dropna()
    return len(known) > 0 and all(isinstance(value, int | float) for value in known)


def _help(title: str) -> str:
    """What a column says; a level such as `L2` stands before some titles."""
    level, _, rest = title.partition(" ")
    if level[:1] == "L" and level[1:].isdecimal():
        return f"Level {level[1:]}, counted from the top. {HELP.get(rest.lower(), '')}".strip()
    return HELP.get(title.lower(), "")
