"""Titles and descriptions of the demo products, each shop in its own manner of writing."""

import re
from dataclasses import dataclass

import numpy as np

from core.catalogue.demo_kinds import BAGS, CLOTHING, SHOES, SUBTYPES, Model, Subtype

_LINES = ("Oslo", "Bergen", "Aria", "Milo", "Ravenna", "Luca", "Freya", "Arden", "Nova", "Juniper", "Como", "Vesper",
          "Tilda", "Orkney", "Sable", "Marlo", "Ione", "Alta", "Brio", "Cassia", "Dune", "Elva", "Harper")  # fmt: skip
_GENERIC = {SHOES: ("shoes", "footwear", "pair"), CLOTHING: ("apparel", "outfit", "fashion"),
            BAGS: ("accessory", "carry", "fashion")}  # fmt: skip
_SHOUTS = ("NEW", "SALE", "hot", "free shipping", "top quality", "best price", "!!", "gift", "trendy")
_PRAISE = ("Premium", "Must-Have", "Timeless", "Effortless", "Best-Selling", "Limited", "Classic", "Signature")
_SEASONS = ("New Season", "Bestseller", "Editor's Pick", "Online Exclusive", "Autumn Edit", "Summer Edit")
_GERMAN_COLOURS = {
    "Black": "schwarz", "Charcoal": "anthrazit", "Grey": "grau", "White": "weiß", "Cream": "creme", "Beige": "beige",
    "Tan": "hellbraun", "Cognac": "cognac", "Brown": "braun", "Burgundy": "bordeaux", "Red": "rot", "Coral": "koralle",
    "Pink": "rosa", "Mustard": "senf", "Olive": "oliv", "Forest Green": "tannengrün", "Sage": "salbei",
    "Teal": "petrol", "Sky Blue": "hellblau", "Blue": "blau", "Navy": "marine", "Denim Blue": "denim",
    "Lilac": "flieder", "Purple": "lila",
}  # fmt: skip
_GERMAN_AUDIENCES = {"Men": "Herren", "Women": "Damen", "Unisex": "Unisex", "Kids": "Kinder"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a shop knows about a product when it writes a title."""

    subtype: Subtype
    model: Model
    brand: str
    audience: str
    colour: str
    material: str
    occasion: str
    line: str
    code: str
    is_typed: bool


def type_words() -> frozenset[str]:
    """Every single word, lower-case, that names a kind of product in a title."""
    phrases = [word for subtype in SUBTYPES for model in subtype.models for word in (*subtype.words, *model.words)]
    heads = {re.split(r"\s+", phrase.lower())[-1] for phrase in phrases}
    return frozenset(heads)


def gather_facts(
    subtype: Subtype, model: Model, brand: str, colour: str, is_typed: bool, rng: np.random.Generator
) -> Facts:
    """Choose the rest of what is said about a product."""
    letters = "".join("ABCDEFGHKLMNPRSTVWX"[int(k)] for k in rng.integers(0, 19, 3))
    return Facts(
        subtype=subtype,
        model=model,
        brand=brand,
        audience=_one(model.audiences or subtype.audiences, rng),
        colour=colour,
        material=_one(model.materials or subtype.materials, rng),
        occasion=_one(subtype.occasions, rng),
        line=_one(_LINES, rng),
        code=f"{letters}-{int(rng.integers(1000, 9999))}",
        is_typed=is_typed,
    )


def write_title(style: str, facts: Facts, rng: np.random.Generator) -> str:
    """A title in a shop's style.

    Args:
        style: `polished`, `marketplace`, `german`, `marketing` or `sku`.
        facts: What to say. Where `is_typed` is false no word names the kind of product.
        rng: Source of variation.

    Returns:
        One line without surrounding space.
    """
    word = _type_word(facts, rng)
    title = _STYLES[style](facts, word, rng)
    return re.sub(r"\s+", " ", title).strip(" -,|")


def write_description(facts: Facts, rng: np.random.Generator) -> str:
    """One to three sentences; now and then nothing at all."""
    if rng.random() < 0.14:
        return ""
    material = facts.material if facts.material.isupper() else facts.material.lower()
    first = (
        f"{facts.colour} {material} with {facts.model.feature}.",
        f"Made of {material}, with {facts.model.feature}.",
        f"A favourite for {facts.occasion}: {facts.model.feature}.",
        f"The {facts.line} brings {facts.model.feature} to your {facts.occasion} days.",
    )
    second = {
        SHOES: ("True to size.", "Removable insole.", "Wipe clean with a damp cloth.", "Half sizes available.", ""),
        CLOTHING: ("Machine wash at 30 °C.", "The model wears size M.", "Regular fit.", "Do not tumble dry.", ""),
        BAGS: ("Inner pocket with zip.", "Dust cover included.", "Lined inside.", "Strap length adjustable.", ""),
    }[facts.subtype.category]
    closing = ("", "", "Free returns within 30 days.", "Ships in 24 hours.", f"Item {facts.code}.")
    return " ".join(part for part in (_one(first, rng), _one(second, rng), _one(closing, rng)) if part)


def _one(options: tuple[str, ...], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def _type_word(facts: Facts, rng: np.random.Generator) -> str:
    if not facts.is_typed:
        return ""
    return _one(facts.subtype.words if rng.random() < 0.35 else facts.model.words, rng)


def _made_of(facts: Facts, word: str) -> str:
    """Material and type word, without saying `Denim Denim Jacket`."""
    return word if facts.material.split()[-1] in word else f"{facts.material} {word}"


def _polished(facts: Facts, word: str, rng: np.random.Generator) -> str:
    brand = facts.brand.upper()
    if not word:
        return f"{brand} {facts.line} {facts.audience} - {facts.colour}"
    forms = (f"{brand} {word} {facts.audience} - {facts.colour}",
             f"{brand} {facts.line} {word} {facts.audience} - {facts.colour}",
             f"{brand} {_made_of(facts, word)} - {facts.colour}")  # fmt: skip
    return _one(forms, rng)


def _size(facts: Facts, rng: np.random.Generator) -> str:
    if facts.subtype.category == SHOES:
        low, high = {"Women": (35, 43), "Kids": (26, 37), "Men": (40, 47)}.get(facts.audience, (36, 46))
        return f"size {int(rng.integers(low, high))}"
    if facts.subtype.category == CLOTHING:
        return f"size {_one(('S', 'M', 'L', 'XL'), rng)}"
    return f"{int(rng.integers(10, 45))}L" if facts.subtype.name == "Backpacks" else ""


def _marketplace(facts: Facts, word: str, rng: np.random.Generator) -> str:
    generic = _GENERIC[facts.subtype.category]
    extra = _one(facts.subtype.words, rng) if word and rng.random() < 0.4 else ""
    parts = [facts.audience, word, extra if extra.lower() not in word.lower() else "", facts.colour, facts.occasion,
             _one(generic, rng), facts.material if rng.random() < 0.4 else "",
             _size(facts, rng)]  # fmt: skip
    lead = facts.brand.lower() if facts.brand and rng.random() < 0.5 else ""
    return " ".join(part for part in (lead, " ".join(parts).lower(), _one(_SHOUTS, rng)) if part)


def _german(facts: Facts, word: str, rng: np.random.Generator) -> str:
    audience, colour = _GERMAN_AUDIENCES[facts.audience], _GERMAN_COLOURS[facts.colour]
    named = f'{word} "{facts.line}"' if word else f'"{facts.line}"'
    forms = (f"{facts.brand} {audience} {named}, {colour}", f"{facts.brand} {named} {colour} | {audience}",
             f"{facts.brand} {named} aus {facts.material}, {audience}, {colour}")  # fmt: skip
    return _one(forms, rng)


def _marketing(facts: Facts, word: str, rng: np.random.Generator) -> str:
    owner = {"Men": "Men's", "Women": "Women's", "Kids": "Kids'", "Unisex": "Unisex"}[facts.audience]
    maker = f"by {facts.brand}" if facts.brand else ""
    core = _made_of(facts, word) if word and rng.random() < 0.5 else word or f"{facts.line} Favourite"
    return f"{_one(_PRAISE, rng)} {owner} {core} in {facts.colour} {maker} | {_one(_SEASONS, rng)}"


def _sku(facts: Facts, word: str, rng: np.random.Generator) -> str:
    short = {"Men": "M", "Women": "W", "Kids": "K", "Unisex": "U"}[facts.audience]
    named = word or facts.line
    forms = (f"{facts.code} {facts.brand} {named} {facts.colour} ({short})",
             f"{facts.brand} {named} {facts.code}/{short} {facts.colour}",
             f"{facts.code} {named}, {facts.material}, {facts.colour}")  # fmt: skip
    return _one(forms, rng)


_STYLES = {"polished": _polished, "marketplace": _marketplace, "german": _german, "marketing": _marketing, "sku": _sku}
