"""What classifying costs at each stage, at the prices that somebody set."""

from dataclasses import replace
from html import escape

import streamlit as st

from core.domain.escalation import EscalationPoint, Prices
from core.services import escalation
from core.services.context import Context
from pages._shared import state, words
from pages._shared.layout import acting


def draw(ctx: Context, chosen: EscalationPoint, suggested: EscalationPoint, prices: Prices) -> None:
    """Draw the costs of two points beside that of the full model for all, and where prices are changed."""
    rows = {
        "As chosen here": prices.per_100_000(chosen.share_escalated),
        "As suggested": prices.per_100_000(suggested.share_escalated),
        "Full model for all": 100 * prices.full_per_1000,
    }
    with st.container(border=True, key="model_costs"):
        st.markdown("**What 100,000 products cost**")
        st.html(_bars(rows, prices))
        with st.popover("Change prices", icon=":material/edit:", width="stretch", key="model_prices"):
            _price(ctx, prices, "text_per_1000", "1,000 products by their texts")
            _price(ctx, prices, "full_per_1000", "1,000 products by the full model")
            _currency(ctx, prices)
            st.caption("They hold for everybody who works here.")


def money(value: float, prices: Prices) -> str:
    """An amount for people, safe for Markdown."""
    return words.plain(words.price(value, prices.currency))


def _bars(rows: dict[str, float], prices: Prices) -> str:
    """Amounts below each other, with bars to compare them by."""
    most = max(rows.values()) or 1.0
    return "".join(
        f'<div class="sw-cost"><span>{name}</span><b>{escape(words.price(value, prices.currency))}</b>'
        f'<i><b style="width:{100 * value / most:.1f}%"></b></i></div>'
        for name, value in rows.items()
    )


def _price(ctx: Context, prices: Prices, field: str, label: str) -> None:
    value = float(getattr(prices, field))
    key = f"model_{field}_{value}"

    def change() -> None:
        given = st.session_state[key]
        if given is not None:
            _set(ctx, replace(prices, **{field: float(given)}))

    st.number_input(label, 0.0, escalation.HIGHEST_PRICE, value, step=0.01, format="%g", key=key, on_change=change)


def _currency(ctx: Context, prices: Prices) -> None:
    key = f"model_currency_{prices.currency}"
    st.text_input(
        "Currency",
        prices.currency,
        max_chars=escalation.MAX_CURRENCY_CHARS,
        key=key,
        on_change=lambda: _set(ctx, replace(prices, currency=st.session_state[key])),
    )


def _set(ctx: Context, prices: Prices) -> None:
    acting(lambda: escalation.set_prices(ctx, prices, state.author()))
