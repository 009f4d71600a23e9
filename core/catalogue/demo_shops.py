"""The five invented shops of the demo, and the invented brands they carry."""

from dataclasses import dataclass

import numpy as np

from core.catalogue.demo_canvas import Colour
from core.catalogue.demo_kinds import BAGS, CLOTHING, SHOES


@dataclass(frozen=True, slots=True)
class Shop:
    """A platform: how much it sells, how it writes and how it photographs."""

    name: str
    weight: float
    style: str
    id_format: str
    currency: str
    backdrop: Colour
    clutter: float
    softness: float = 0.0


SHOPS: tuple[Shop, ...] = (
    Shop("Velora", 0.32, "polished", "VL-{:06d}", "EUR", (0.985, 0.985, 0.985), 0.4),
    Shop("BazaarBee", 0.26, "marketplace", "77{:08d}", "USD", (0.97, 0.97, 0.965), 3.6, softness=1.0),
    Shop("Lindenhof24", 0.18, "german", "LH{:07d}", "EUR", (0.945, 0.945, 0.95), 0.4),
    Shop("StyleHarbor", 0.14, "marketing", "SH{:05d}X", "USD", (0.965, 0.955, 0.94), 0.8),
    Shop("Outpost Supply", 0.10, "sku", "OPS-{:05d}", "GBP", (0.975, 0.98, 0.98), 0.6),
)

_EVERYTHING = (SHOES, CLOTHING, BAGS)
BRANDS: dict[str, tuple[str, ...]] = {
    "Nordvik": (SHOES, CLOTHING),
    "Halden & Roe": _EVERYTHING,
    "Maralune": (SHOES, BAGS),
    "Tressio": (CLOTHING,),
    "Kestrel Lane": _EVERYTHING,
    "Bryn & Sol": (CLOTHING, BAGS),
    "Ostrava Goods": (SHOES, BAGS),
    "Pellico": (SHOES, BAGS),
    "Runo": (SHOES,),
    "Strideworks": (SHOES,),
    "Fennmark": (SHOES, CLOTHING),
    "Lumaire": (CLOTHING,),
    "Corvale": _EVERYTHING,
    "Sunday Fold": (CLOTHING,),
    "Veldt Supply": (CLOTHING, BAGS),
    "Isoline": (SHOES, CLOTHING),
    "Marchetta": (SHOES, BAGS),
    "Junoh": _EVERYTHING,
    "Tarn": (BAGS,),
    "Packhaven": (BAGS,),
    "Quillon": (SHOES,),
    "Eastmoor": (CLOTHING, BAGS),
    "Zafira Blu": (SHOES, CLOTHING),
    "Olmo Studio": _EVERYTHING,
    "Wrenfield": _EVERYTHING,
}
"""Every brand with the categories it makes."""


def pick_brand(shop: Shop, category: str, rng: np.random.Generator) -> str:
    """A brand that makes this category, by popularity; every shop has its own favourites."""
    makers = [name for name, categories in BRANDS.items() if category in categories]
    place = [shop_.name for shop_ in SHOPS].index(shop.name)
    names = list(BRANDS)
    weights = np.array([1 / (1.5 + (names.index(name) * 7 + place * 9) % len(names)) for name in makers])
    return makers[int(rng.choice(len(makers), p=weights / weights.sum()))]
