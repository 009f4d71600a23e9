"""What stands in the demo catalogue: every row with its noise, decided before anything is drawn."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from core.catalogue.demo_kinds import SUBTYPES, Model, Subtype
from core.catalogue.demo_palette import Look, pick_look
from core.catalogue.demo_shops import SHOPS, Shop, pick_brand
from core.catalogue.demo_titles import gather_facts, write_description, write_title

MISSING_BRANDS, UNTYPED_TITLES, CLUTTERED, WRONG_LABELS = 0.10, 0.08, 0.08, 0.015
DUPLICATES, RESOLD, PER_FAULT = 0.01, 0.01, 0.0017


class Fault(StrEnum):
    """What makes an import turn a row away."""

    NONE = "none"
    NO_TITLE = "no title"
    NO_CATEGORY = "no category"
    NO_IMAGE = "no image"
    BROKEN_IMAGE = "broken image"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the catalogue and the picture behind it. `drawing` seeds the picture."""

    subtype: Subtype
    model: Model
    look: Look
    shop: Shop
    drawing: int
    is_cluttered: bool
    product_id: str
    gtin: str
    title: str
    brand: str
    description: str
    price: float
    sku: str
    category: str
    image: str
    fault: Fault = Fault.NONE


def plan_entries(n_products: int, seed: int) -> list[Entry]:
    """Every row of the catalogue, in the order of the file.

    Args:
        n_products: Distinct offers, before duplicates, resold pictures and faulty rows are added.
        seed: Same seed, same rows.

    Returns:
        Rows; those listed twice appear twice.
    """
    rng = np.random.default_rng([seed, 1])
    kinds = _subtypes(n_products, rng)
    n_faults = max(1, round(PER_FAULT * n_products))
    faults = [fault for fault in Fault if fault is not Fault.NONE for _ in range(n_faults)]
    kinds += [SUBTYPES[int(k)] for k in rng.integers(0, len(SUBTYPES), len(faults))]
    shops = [SHOPS[int(k)] for k in rng.choice(len(SHOPS), len(kinds), p=[shop.weight for shop in SHOPS])]
    marks = _Marks.draw(shops, n_products, rng)
    entries = [_entry(k, kind, shop, marks, seed) for k, (kind, shop) in enumerate(zip(kinds, shops, strict=True))]
    for k, fault in enumerate(faults, start=n_products):
        entries[k] = _faulty(entries[k], fault)
    entries += _extra_rows(entries[:n_products], rng, seed)
    return [entries[int(k)] for k in rng.permutation(len(entries))]


@dataclass(frozen=True, slots=True)
class _Marks:
    """Which rows carry which noise, and every row's number in its shop."""

    unbranded: frozenset[int]
    untyped: frozenset[int]
    cluttered: frozenset[int]
    mislabelled: frozenset[int]
    numbers: tuple[int, ...]

    @classmethod
    def draw(cls, shops: list[Shop], n_products: int, rng: np.random.Generator) -> "_Marks":
        weights = np.array([shop.clutter for shop in shops[:n_products]])
        return cls(
            _some(n_products, MISSING_BRANDS, rng),
            _some(n_products, UNTYPED_TITLES, rng),
            _some(n_products, CLUTTERED, rng, weights),
            _some(n_products, WRONG_LABELS, rng),
            tuple(int(k) for k in 10_000 + rng.permutation(8 * len(shops) + 80)),
        )


def _some(n: int, share: float, rng: np.random.Generator, weights: np.ndarray | None = None) -> frozenset[int]:
    p = None if weights is None else weights / weights.sum()
    return frozenset(int(k) for k in rng.choice(n, max(1, round(share * n)), replace=False, p=p))


def _subtypes(n_products: int, rng: np.random.Generator) -> list[Subtype]:
    """Subtypes in proportion to their shares (largest remainders), shuffled."""
    total = sum(subtype.share for subtype in SUBTYPES)
    exact = np.array([subtype.share * n_products / total for subtype in SUBTYPES])
    counts = np.floor(exact).astype(int)
    for k in np.argsort(counts - exact, kind="stable")[: n_products - int(counts.sum())]:
        counts[k] += 1
    kinds = [subtype for subtype, count in zip(SUBTYPES, counts, strict=True) for _ in range(count)]
    return [kinds[int(k)] for k in rng.permutation(len(kinds))]


def _entry(k: int, subtype: Subtype, shop: Shop, marks: _Marks, seed: int) -> Entry:
    rng = np.random.default_rng([seed, 2, k])
    weights = np.array([model.weight for model in subtype.models])
    model = subtype.models[int(rng.choice(len(weights), p=weights / weights.sum()))]
    look = pick_look(model.palette or subtype.palette, rng)
    brand = "" if k in marks.unbranded else pick_brand(shop, subtype.category, rng)
    facts = gather_facts(subtype, model, brand, look.name, k not in marks.untyped, rng)
    product_id = shop.id_format.format(marks.numbers[k])
    return Entry(
        subtype, model, look, shop, k, k in marks.cluttered, product_id, _gtin(rng),
        write_title(shop.style, facts, rng), brand, write_description(facts, rng), _price(subtype, rng), facts.code,
        _wrong_category(subtype, rng) if k in marks.mislabelled else subtype.category,
        f"{shop.name.split()[0].lower()}_{product_id.lower()}.jpg",
    )  # fmt: skip


def _extra_rows(entries: list[Entry], rng: np.random.Generator, seed: int) -> list[Entry]:
    """Offers listed twice, and pictures that a second shop sells under a title of its own."""
    n = len(entries)
    twice = [entries[k] for k in sorted(_some(n, DUPLICATES, rng))]
    resold = [_resell(entries[k], n + k, seed) for k in sorted(_some(n, RESOLD, rng))]
    return twice + resold


def _resell(entry: Entry, k: int, seed: int) -> Entry:
    rng = np.random.default_rng([seed, 3, k])
    others = [shop for shop in SHOPS if shop is not entry.shop]
    shop = others[int(rng.integers(len(others)))]
    facts = gather_facts(entry.subtype, entry.model, entry.brand, entry.look.name, True, rng)
    product_id = shop.id_format.format(90_000 + k)
    return replace(
        entry, shop=shop, product_id=product_id, title=write_title(shop.style, facts, rng), sku=facts.code,
        description=write_description(facts, rng), price=_price(entry.subtype, rng), category=entry.subtype.category,
        image=f"{shop.name.split()[0].lower()}_{product_id.lower()}.jpg",
    )  # fmt: skip


def _faulty(entry: Entry, fault: Fault) -> Entry:
    if fault is Fault.NO_TITLE:
        return replace(entry, title="", fault=fault)
    if fault is Fault.NO_CATEGORY:
        return replace(entry, category="", fault=fault)
    return replace(entry, fault=fault)


def _wrong_category(subtype: Subtype, rng: np.random.Generator) -> str:
    others = sorted({other.category for other in SUBTYPES} - {subtype.category})
    return others[int(rng.integers(len(others)))]


def _price(subtype: Subtype, rng: np.random.Generator) -> float:
    low, high = subtype.price
    amount = int(np.exp(rng.uniform(np.log(low), np.log(high))))
    return amount + float(rng.choice((0.99, 0.95, 0.90, 0.0), p=(0.5, 0.25, 0.15, 0.1)))


def _gtin(rng: np.random.Generator) -> str:
    """An EAN-13 from the range kept free for use inside a shop; now and then unknown."""
    if rng.random() < 0.15:
        return ""
    digits = [2, *(int(d) for d in rng.integers(0, 10, 11))]
    check = -sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10
    return "".join(map(str, [*digits, check]))
