"""Turns rows of a catalogue file into clean offers, or into rejects that say why."""

import ast
import hashlib
import html
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat

import pandas as pd

from core.domain.product import Offer, Reject, RejectReason

ID_FIELDS = ("product_id", "offer_id", "sku", "gtin", "url")
"""What may identify a row within its platform, the best first."""

_MISSING = frozenset({"nan", "null", "n/a", "na", "none", "-", "--", "#n/a"})
_HIDDEN_BLOCK = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_ARROWS = re.compile(r"\s*(?:[-=]?>+|[»›→]+)\s*")
_SPACED_SLASH = re.compile(r"\s+/\s+")
_MAX_LIST_CHARS = 20_000

_CURRENCY_SIGNS = {
    "US$": "USD",
    "A$": "AUD",
    "C$": "CAD",
    "R$": "BRL",
    "Kč": "CZK",
    "zł": "PLN",
    "€": "EUR",
    "$": "USD",
    "£": "GBP",
    "₹": "INR",
    "¥": "JPY",
    "₩": "KRW",
    "₺": "TRY",
    "₽": "RUB",
    "₫": "VND",
}
_CURRENCY_CODES = frozenset(
    re.findall(
        "[A-Z]{3}",
        "AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KRW MAD MXN MYR NGN NOK "
        "NZD PEN PHP PKR PLN RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR",
    )
)
_DOT_GROUPS_THOUSANDS = frozenset({"EUR", "DKK", "BRL", "TRY", "IDR", "VND", "CLP", "COP", "ARS"})
_PLAIN_NUMBER = re.compile(r"[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]{1,3})?")
_NUMBER = re.compile(r"(?P<sign>[-−]\s?)?(?P<digits>[0-9][0-9.,'’\s]*|(?<![A-Za-z])[.,][0-9]+)")


def clean_rows(
    frame: pd.DataFrame, mapping: Mapping[str, str], default_platform: str, require_category: bool = True
) -> Iterator[Offer | Reject]:
    """Clean every row of a table.

    A row without a product id is known by its offer id, SKU, GTIN or URL, else by a hash of title, brand and image.
    Cells that say "nan", "null", "n/a", "none" or a dash say nothing.

    Args:
        frame: The table, all columns strings. Shape: (n_rows, n_columns).
        mapping: Field name -> column name; see `core.catalogue.columns.FIELDS`.
        default_platform: The platform of rows that name none.
        require_category: Whether a row without a category is turned away.

    Yields:
        An offer or a reject per row, in order; rows count from 1. Of rows with the same platform and id, the first
        one that is complete is kept.
    """
    cells = {name: _column(frame, column) for name, column in mapping.items() if column}
    splits_slashes = uses_bare_slashes(cells.get("category", ()))
    seen: dict[tuple[str, str], int] = {}
    fields = ("platform", "title", "brand", "description", "price", "currency", "category", "image", *ID_FIELDS)
    columns = [cells.get(name, repeat("", len(frame))) for name in fields]
    for row, values in enumerate(zip(*columns, strict=True), start=1):
        raw = dict(zip(fields, values, strict=True))
        offer = _offer(row, raw, default_platform, splits_slashes)
        reject = _fault(offer, raw, require_category, seen)
        if reject is None:
            seen[offer.platform, offer.external_id] = row
        yield reject or offer


def clean_text(text: str) -> str:
    """Text for people: no markup, entities, control characters or doubled spaces; Unicode NFC; '' if it says nothing.

    Args:
        text: What the file said, perhaps HTML, perhaps escaped HTML.
    """
    if "<" in text or "&" in text:
        # Feeds escape their markup as often as not, so strip on both sides of unescaping.
        text = _strip_tags(html.unescape(_strip_tags(text)))
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", _CONTROL.sub(" ", _INVISIBLE.sub("", text)))
    text = " ".join(text.split())
    return "" if text.casefold() in _MISSING else text


def parse_price(text: str) -> tuple[float | None, str]:
    """The number and the currency in a price such as `1.299,00 €`, `$12.50` or `INR 500`.

    Of two kinds of separators the last is the decimal one. One alone, followed by exactly three digits, groups
    thousands if it is a comma, or if it is a dot beside a currency that writes thousands so. Of a range, the first.

    Returns:
        (amount, ISO 4217 code); None and '' for what the text does not say. Negative amounts are not prices.
    """
    text = clean_text(text)
    currency = parse_currency(text)
    if _PLAIN_NUMBER.fullmatch(text):
        return _finite(text), currency
    match = _NUMBER.search(text)
    if match is None or match["sign"]:
        return None, currency
    return _finite(_plain(match["digits"], currency)), currency


def parse_currency(text: str) -> str:
    """The ISO 4217 code of a currency named by code or sign anywhere in a text; '' where there is none."""
    for word in re.findall(r"[A-Z]+", text.upper()):
        if word in _CURRENCY_CODES or word == "RS":
            return "INR" if word == "RS" else word
    return next((code for sign, code in _CURRENCY_SIGNS.items() if sign in text), "")


def parse_category(text: str, splits_slashes: bool = False) -> tuple[str, ...]:
    """Names of a category path from below the root.

    The first of these that occurs separates: `>` (also `>>`, `»`, `›`, `→`), `|`, a slash between spaces, and - only
    if `splits_slashes` - a bare slash. So `Bath/Body` is one name inside `Beauty > Bath/Body`. A JSON or Python list
    is a path if it has several plain names; a list of paths stands for its first.

    Args:
        text: What the file said.
        splits_slashes: Whether bare slashes separate in this column; see `uses_bare_slashes`.
    """
    names = _listed(text)
    if names is None:
        text = clean_text(text)
        names = _listed(text)
    if names and len(names) > 1 and not _ARROWS.search(names[0]):
        return tuple(name for name in map(clean_text, names) if name)
    if names is not None:
        text = clean_text(names[0]) if names else ""
    if _ARROWS.search(text):
        parts = _ARROWS.split(text)
    elif "|" in text:
        parts = text.split("|")
    elif _SPACED_SLASH.search(text):
        parts = _SPACED_SLASH.split(text)
    else:
        parts = text.split("/") if splits_slashes and "://" not in text else [text]
    return tuple(name for name in (part.strip() for part in parts) if name)


def uses_bare_slashes(texts: Iterable[str]) -> bool:
    """Whether a category column writes paths as `Apparel/Shoes/Heels`.

    So it is if no cell has any other separator, and some cell begins with a slash or has two or more: single slashes
    alone (`Bath/Body`) are taken for parts of names.
    """
    has_path = False
    for text in set(texts):
        if _ARROWS.search(html.unescape(text)) or "|" in text or text.startswith("[") or _SPACED_SLASH.search(text):
            return False
        has_path = has_path or text.startswith("/") or text.count("/") > 1
    return has_path


def _column(frame: pd.DataFrame, column: str) -> list[str]:
    return frame[column].fillna("").astype(str).tolist()


def _offer(row: int, raw: Mapping[str, str], default_platform: str, splits_slashes: bool) -> Offer:
    title, brand, image_ref = clean_text(raw["title"]), clean_text(raw["brand"]), _first_image(raw["image"])
    price, price_currency = parse_price(raw["price"]) if raw["price"] else (None, "")
    stated_currency = clean_text(raw["currency"])
    return Offer(
        row=row,
        platform=clean_text(raw["platform"]) or default_platform,
        external_id=_external_id(raw) or _content_id(title, brand, image_ref),
        title=title,
        brand=brand,
        description=clean_text(raw["description"]),
        price=price,
        currency=parse_currency(stated_currency) or stated_currency or price_currency,
        category_path=parse_category(raw["category"], splits_slashes),
        image_ref=image_ref,
    )


def _fault(
    offer: Offer, raw: Mapping[str, str], require_category: bool, seen: Mapping[tuple[str, str], int]
) -> Reject | None:
    first = seen.get((offer.platform, offer.external_id))
    if not offer.title:
        reason, detail = RejectReason.MISSING_TITLE, "the title is empty"
    elif require_category and not offer.category_path:
        reason, detail = RejectReason.MISSING_CATEGORY, "the category is empty"
    elif first is not None:
        what = "platform and product id" if _external_id(raw) else "platform, title, brand and image"
        reason, detail = RejectReason.DUPLICATE, f"same {what} as row {first}"
    else:
        return None
    return Reject(offer.row, offer.external_id, offer.title, reason, detail)


def _external_id(raw: Mapping[str, str]) -> str:
    return next((value for value in (clean_text(raw[name]) for name in ID_FIELDS) if value), "")


def _content_id(title: str, brand: str, image_ref: str | None) -> str:
    return hashlib.sha256("\x1f".join((title, brand, image_ref or "")).encode()).hexdigest()[:16]


def _strip_tags(text: str) -> str:
    return _TAG.sub(" ", _HIDDEN_BLOCK.sub(" ", text)) if "<" in text else text


def _first_image(text: str) -> str | None:
    """The first picture a cell names: cells may hold a list, or several URLs."""
    listed = _listed(text)
    ref = clean_text(text if listed is None else "".join(listed[:1]))
    if ref.count("://") > 1:
        ref = re.split(r"[\s,;|]+(?=\w+://)", ref)[0]
    return ref or None


def _listed(text: str) -> Sequence[str] | None:
    """Strings of a JSON or Python list; of a list of lists, those of the first. None if it is no list."""
    text = text.strip()
    if not (text.startswith("[") and text.endswith("]")) or len(text) > _MAX_LIST_CHARS:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return None
    while isinstance(value, list) and value and isinstance(value[0], list):
        value = value[0]
    return [item for item in value if isinstance(item, str) and item.strip()] if isinstance(value, list) else None


def _plain(digits: str, currency: str) -> str:
    """A number in Python's notation."""
    digits = re.sub(r"['’\s]+(?=[0-9]{3}(?![0-9]))", "", digits)
    digits = re.split(r"['’\s]", digits)[0].rstrip(".,")
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return digits
    mark, whole, fraction = digits[last], digits[:last], digits[last + 1 :]
    other = "," if mark == "." else "."
    is_grouping = other not in whole and (
        mark in whole
        or (len(fraction) == 3 and whole.strip("0") != "" and (mark == "," or currency in _DOT_GROUPS_THOUSANDS))
    )
    whole = whole.replace(".", "").replace(",", "")
    return whole + fraction if is_grouping else f"{whole or '0'}.{fraction}"


def _finite(digits: str) -> float | None:
    amount = float(digits)
    return amount if math.isfinite(amount) else None
