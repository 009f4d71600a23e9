"""Which products go on from a model's text stage to its full one, and what that costs."""

import json
import math
from dataclasses import fields
from typing import Any

from sqlalchemy.orm import Session

from core.domain.errors import ModelNotFoundError, ParameterError
from core.domain.escalation import EscalationPoint, EscalationReport, Prices
from core.services import settings
from core.services.context import Context
from core.services.models import get_model
from core.services.settings import Setting
from db.models import ModelRow
from db.repositories import events

ESCALATION = "escalation"
"""Key of the report in what is kept beside the artefact of a text stage."""
TEXT_STAGE_KEY = "text_stage"
"""Key of the folder's name in the configuration of a model that has a text stage."""
NEVER, ALWAYS = 0.0, 1.01
"""Thresholds of a model that escalates nothing, and everything: a confidence of exactly 1 occurs."""
CONFIG_FILE = "config.json"
HIGHEST_PRICE = 1_000_000.0
MAX_CURRENCY_CHARS = 8

_DEFAULT = Prices()
TEXT_PRICE = Setting("price_text_per_1000", _DEFAULT.text_per_1000, "Price of reading 1,000 products by their texts")
FULL_PRICE = Setting("price_full_per_1000", _DEFAULT.full_per_1000, "Price of the full model for 1,000 products")
CURRENCY = Setting("price_currency", _DEFAULT.currency, "Currency of prices")


def text_stage_name(artefact_path: str) -> str:
    """Folder of the text stage that belongs to the full stage in another."""
    return f"{artefact_path}-text"


def escalation_report(context: Context, model_id: int) -> EscalationReport | None:
    """What comes of each threshold, measured on products that neither stage ever saw.

    Returns:
        None where the model has no text stage.

    Raises:
        ModelNotFoundError: If there is no such model, or its text stage is gone or damaged.
    """
    name = get_model(context, model_id).config.get(TEXT_STAGE_KEY)
    if not name:
        return None
    file_path = context.workspace.models / str(name) / CONFIG_FILE
    try:
        return _from_dict(json.loads(file_path.read_text(encoding="utf-8"))["extra"][ESCALATION])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelNotFoundError(
            f"{file_path} cannot be read: {error}.", "Train again, or choose another model."
        ) from error


def set_escalate_below(context: Context, model_id: int, threshold: float, author: str) -> None:
    """Send on to the full stage what the text stage is less sure of than this.

    Args:
        context: The open workspace.
        model_id: Which model.
        threshold: Confidence of the whole path; `NEVER` settles everything by text, 1 or more sends all on.
        author: Who decides.

    Raises:
        ModelNotFoundError: If there is none with this id.
        ParameterError: If the threshold is out of its range, or the model has no text stage.
    """
    if not NEVER <= threshold <= ALWAYS:
        raise ParameterError(f"Expected a threshold from 0 to {ALWAYS}, got {threshold}.", "Choose one between.")
    kept = ALWAYS if threshold >= 1.0 else threshold
    with context.database.write() as session:
        row = _row(session, model_id)
        if row.escalate_below is None:
            raise ParameterError(f"Model {model_id} has no text stage.", "Retrain with titles and images to get one.")
        if row.escalate_below == kept:
            return
        row.escalate_below, before = kept, row.escalate_below
        details = {"model_id": model_id, "before": before, "after": kept}
        events.record(session, author, "escalate below", f"Model {model_id} {said(kept)}", details=details)


def said(threshold: float) -> str:
    """What a model does at a threshold, for people: after "Model 3" or "It"."""
    if threshold <= NEVER:
        return "settles every product by its text"
    if threshold >= 1.0:
        return "gives every product to the full model"
    return f"asks the full model where its text stage is less than {said_sure(threshold)} sure"


def said_sure(threshold: float) -> str:
    """A threshold in percent, with as many digits as tell it from certainty: `97 %`, `99.7 %`, `99.99 %`."""
    for digits in range(4):
        text = f"{100 * threshold:.{digits}f}"
        if float(text) < 100 and abs(float(text) / 100 - threshold) <= 0.25 * (1 - threshold):
            return f"{text} %"
    return "99.999 %"


def prices(context: Context) -> Prices:
    """What each stage costs, as somebody in this workspace set it."""
    return Prices(settings.get(context, TEXT_PRICE), settings.get(context, FULL_PRICE), settings.get(context, CURRENCY))


def set_prices(context: Context, prices: Prices, author: str) -> None:
    """Change what each stage costs, for everybody; the history says what changed.

    Raises:
        ParameterError: If a price is no number from 0 to a million, or the currency is empty or long.
    """
    for price in (prices.text_per_1000, prices.full_per_1000):
        if not (math.isfinite(price) and 0.0 <= price <= HIGHEST_PRICE):
            raise ParameterError(f"Expected a price from 0 to {HIGHEST_PRICE:,.0f}, got {price}.", "Change it.")
    currency = prices.currency.strip()
    if not (0 < len(currency) <= MAX_CURRENCY_CHARS and currency.isprintable()):
        raise ParameterError(
            f"Expected a currency of at most {MAX_CURRENCY_CHARS} characters, got {currency!r}.", "Write € or EUR."
        )
    settings.put(context, TEXT_PRICE, float(prices.text_per_1000), author)
    settings.put(context, FULL_PRICE, float(prices.full_per_1000), author)
    settings.put(context, CURRENCY, currency, author)


def _from_dict(data: dict[str, Any]) -> EscalationReport:
    known = {field.name for field in fields(EscalationReport)}
    rest = {name: value for name, value in data.items() if name in known - {"points"}}
    return EscalationReport(points=tuple(EscalationPoint(**point) for point in data["points"]), **rest)


def _row(session: Session, model_id: int) -> ModelRow:
    row = session.get(ModelRow, model_id)
    if row is None:
        raise ModelNotFoundError(f"There is no model {model_id}.", "Choose one from the list, or press Retrain.")
    return row
