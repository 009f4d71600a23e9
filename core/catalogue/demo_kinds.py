"""What the demo shops sell: subtypes with their shares, and the models drawn for each."""

from collections.abc import Callable
from dataclasses import dataclass

from core.catalogue import (
    demo_backpacks,
    demo_boots,
    demo_dresses,
    demo_handbags,
    demo_heels,
    demo_jackets,
    demo_loafers,
    demo_palette,
    demo_sandals,
    demo_sneakers,
    demo_tops,
    demo_trousers,
)
from core.catalogue.demo_canvas import Canvas
from core.catalogue.demo_palette import Look

SHOES = "Apparel & Accessories > Shoes"
CLOTHING = "Apparel & Accessories > Clothing"
BAGS = "Luggage & Bags"


@dataclass(frozen=True, slots=True)
class Model:
    """One silhouette of a subtype: how it is drawn, and the words shops use for exactly this one.

    Palette, materials and audiences replace those of the subtype where they are given.
    """

    draw: Callable[[Canvas, Look], None]
    weight: float
    words: tuple[str, ...]
    feature: str
    palette: str = ""
    stands: bool = True
    materials: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subtype:
    """A kind of product that the shallow category hides. `share` counts products among 1,500."""

    name: str
    category: str
    share: int
    palette: str
    words: tuple[str, ...]
    audiences: tuple[str, ...]
    materials: tuple[str, ...]
    occasions: tuple[str, ...]
    price: tuple[float, float]
    models: tuple[Model, ...]


def _flat(draw: Callable[[Canvas, Look], None], weight: float, words: tuple[str, ...], feature: str,
          palette: str = "", materials: tuple[str, ...] = ()) -> Model:  # fmt: skip
    return Model(draw, weight, words, feature, palette, False, materials)


_WORN_BY_ALL = ("Men", "Women", "Women", "Unisex", "Men", "Kids")
_WORN_BY_ADULTS = ("Men", "Women")
_WORN_BY_WOMEN = ("Women",)
_LEATHER = ("Leather", "Suede", "Vegan Leather", "Nubuck")
_DENIM = ("Denim", "Stretch Denim", "Organic Denim")
_SHELL = ("Nylon", "Recycled Polyester", "Ripstop")
_TAILORED = ("Wool Blend", "Linen Blend", "Cotton", "Tweed")
_COTTON = ("Cotton", "Organic Cotton", "Jersey", "Cotton Blend")

SUBTYPES: tuple[Subtype, ...] = (
    Subtype("Sneakers", SHOES, 190, demo_palette.SPORTY, ("Sneaker", "Trainer", "Sneakers", "Trainers"),
            _WORN_BY_ALL, ("Leather", "Canvas", "Mesh", "Suede"), ("everyday", "street", "sport", "gym"), (39, 149),
            (Model(demo_sneakers.draw_low_sneaker, 4, ("Low Sneaker", "Court Sneaker", "Lace-Up Trainer"),
                   "cushioned cup sole and padded collar"),
             Model(demo_sneakers.draw_runner, 3, ("Runner", "Running Trainer", "Running Sneaker"),
                   "breathable knit upper on a springy foam midsole",
                   materials=("Mesh", "Knit")),
             Model(demo_sneakers.draw_high_top, 2, ("High-Top Sneaker", "High-Top Trainer", "High-Top"),
                   "ankle-high upper with rubber toe cap"),
             Model(demo_sneakers.draw_skate_shoe, 2, ("Skate Sneaker", "Skate Trainer"),
                   "flat vulcanised sole with good grip"))),
    Subtype("Boots", SHOES, 130, demo_palette.LEATHERS, ("Boot", "Boots"),
            _WORN_BY_ADULTS, _LEATHER, ("winter", "autumn", "outdoor", "office"), (69, 229),
            (Model(demo_boots.draw_chelsea_boot, 3, ("Chelsea Boot", "Chelsea Boots", "Pull-On Boot"),
                   "elastic side panels and a pull tab"),
             Model(demo_boots.draw_lace_up_boot, 3, ("Lace-Up Boot", "Combat Boot", "Work Boot", "Hiking Boot"),
                   "lugged sole and metal eyelets"),
             Model(demo_boots.draw_knee_boot, 2, ("Knee Boot", "Knee-High Boot", "Tall Boot", "Riding Boot"),
                   "tall shaft that hugs the calf", audiences=_WORN_BY_WOMEN),
             Model(demo_boots.draw_ankle_boot, 2, ("Ankle Boot", "Ankle Boots", "Bootie"),
                   "side zip and steady block heel", audiences=_WORN_BY_WOMEN))),
    Subtype("Sandals", SHOES, 105, demo_palette.SPORTY, ("Sandal", "Sandals"),
            _WORN_BY_ALL, ("Leather", "Cork", "EVA", "Suede"), ("beach", "summer", "holiday", "pool"), (19, 99),
            (Model(demo_sandals.draw_slide, 3, ("Slide", "Slides", "Slide Sandal", "Two-Strap Sandal"),
                   "moulded footbed under a broad band"),
             Model(demo_sandals.draw_strappy_sandal, 3, ("Strappy Sandal", "Ankle Strap Sandal", "Flat Sandal"),
                   "slim straps and an adjustable ankle buckle", audiences=_WORN_BY_WOMEN),
             _flat(demo_sandals.draw_flip_flops, 2, ("Flip-Flop", "Flip-Flops", "Thong Sandal"),
                   "soft thong and quick-drying sole", materials=("EVA", "Rubber")),
             Model(demo_sandals.draw_wedge_espadrille, 2, ("Wedge Sandal", "Espadrille Sandal", "Espadrille Wedge"),
                   "woven rope wedge and buckled ankle strap",
                   materials=("Canvas", "Suede", "Leather"), audiences=_WORN_BY_WOMEN))),
    Subtype("Heels", SHOES, 95, demo_palette.DRESSY, ("Heel", "Heels", "High Heels"),
            _WORN_BY_WOMEN, ("Patent Leather", "Suede", "Satin", "Leather"), ("party", "evening", "wedding", "office"),
            (49, 189),
            (Model(demo_heels.draw_stiletto, 4, ("Stiletto", "Stiletto Heel", "Pump", "Pumps", "Stiletto Pump"),
                   "slender heel and pointed toe"),
             Model(demo_heels.draw_block_heel, 3, ("Block Heel", "Block Heel Pump", "Ankle Strap Heel"),
                   "stable block heel and ankle strap"),
             Model(demo_heels.draw_slingback, 2, ("Slingback Pump", "Slingback Heel", "Kitten Heel"),
                   "slingback strap with a small buckle"),
             Model(demo_heels.draw_platform_heel, 2, ("Platform Heel", "Platform Heels", "Peep-Toe Heel"),
                   "platform sole that softens the height"))),
    Subtype("Loafers", SHOES, 80, demo_palette.LEATHERS, ("Loafer", "Loafers"),
            _WORN_BY_ADULTS, _LEATHER, ("office", "smart casual", "travel", "everyday"), (59, 179),
            (Model(demo_loafers.draw_penny_loafer, 3, ("Penny Loafer", "Penny Loafers", "Slip-On Loafer"),
                   "hand-sewn apron and penny strap"),
             Model(demo_loafers.draw_tassel_loafer, 2, ("Tassel Loafer", "Tassel Loafers", "Slip-On"),
                   "leather tassels and corded collar"),
             Model(demo_loafers.draw_horsebit_loafer, 2, ("Horsebit Loafer", "Bit Loafer", "Snaffle Loafer"),
                   "polished metal bit across the instep"),
             Model(demo_loafers.draw_driving_moccasin, 2, ("Moccasin", "Driving Moccasin", "Driver Moccasin"),
                   "pebbled rubber sole that bends with the foot"))),
    Subtype("T-Shirts", CLOTHING, 175, demo_palette.FABRICS, ("T-Shirt", "Tee", "Tshirt"),
            _WORN_BY_ALL, _COTTON, ("everyday", "summer", "sport", "weekend"), (9, 45),
            (_flat(demo_tops.draw_crew_neck, 4, ("T-Shirt", "Crew Neck Tee", "Graphic Tee", "Crew T-Shirt"),
                   "a soft hand and a ribbed crew neck"),
             _flat(demo_tops.draw_v_neck, 2, ("V-Neck T-Shirt", "V-Neck Tee"), "flattering V neckline"),
             _flat(demo_tops.draw_striped_tee, 2, ("Striped T-Shirt", "Striped Tee"), "yarn-dyed stripes all over"),
             _flat(demo_tops.draw_raglan_tee, 2, ("Raglan T-Shirt", "Baseball Tee"), "contrasting raglan sleeves"))),
    Subtype("Dresses", CLOTHING, 145, demo_palette.FABRICS, ("Dress", "Dresses"),
            _WORN_BY_WOMEN, ("Viscose", "Cotton", "Linen", "Chiffon"), ("party", "summer", "office", "holiday"),
            (29, 139),
            (_flat(demo_dresses.draw_a_line_dress, 3, ("A-Line Dress", "Skater Dress", "Sun Dress"),
                   "fitted waist and swinging skirt"),
             _flat(demo_dresses.draw_maxi_dress, 3, ("Maxi Dress", "Long Dress", "Slip Dress"),
                   "floor-sweeping hem and slim straps"),
             _flat(demo_dresses.draw_shirt_dress, 2, ("Shirt Dress", "Button Dress", "Belted Dress"),
                   "button front, collar and a tie at the waist"),
             _flat(demo_dresses.draw_fitted_dress, 2, ("Bodycon Dress", "Pencil Dress", "Sheath Dress"),
                   "close fit that follows the figure"))),
    Subtype("Trousers", CLOTHING, 125, demo_palette.BOTTOMS, ("Trousers", "Pants"),
            _WORN_BY_ADULTS, ("Cotton Twill", "Wool Blend", "Linen", "Stretch Cotton"),
            ("office", "everyday", "outdoor", "weekend"), (29, 119),
            (_flat(demo_trousers.draw_slim_trousers, 3, ("Slim Trousers", "Chinos", "Chino Pants", "Suit Trousers"),
                   "narrow leg with a pressed crease"),
             _flat(demo_trousers.draw_jeans, 3, ("Jeans", "Denim Jeans", "Denim Pants"),
                   "five pockets and contrast stitching", demo_palette.DENIM, _DENIM),
             _flat(demo_trousers.draw_wide_trousers, 2, ("Wide Leg Trousers", "Palazzo Pants", "Wide Pants"),
                   "high waist and flowing wide leg"),
             _flat(demo_trousers.draw_cargo_trousers, 2, ("Cargo Trousers", "Cargo Pants"),
                   "roomy flap pockets on both thighs"))),
    Subtype("Jackets", CLOTHING, 105, demo_palette.OUTER, ("Jacket", "Jackets"),
            _WORN_BY_ADULTS, ("Nylon", "Wool Blend", "Cotton", "Recycled Polyester"),
            ("winter", "autumn", "outdoor", "office"), (59, 269),
            (_flat(demo_jackets.draw_bomber, 2, ("Bomber Jacket", "Bomber", "Zip Jacket"),
                   "ribbed cuffs and a sturdy front zip", materials=_SHELL),
             _flat(demo_jackets.draw_blazer, 3, ("Blazer", "Blazer Jacket", "Suit Jacket"),
                   "notched lapels and a tailored waist", materials=_TAILORED),
             _flat(demo_jackets.draw_parka, 2, ("Parka", "Parka Jacket", "Hooded Parka"),
                   "trimmed hood and deep flap pockets", materials=_SHELL),
             _flat(demo_jackets.draw_puffer, 2, ("Puffer Jacket", "Quilted Jacket", "Down Jacket"),
                   "light, warm quilted chambers", materials=_SHELL),
             _flat(demo_jackets.draw_denim_jacket, 1.5, ("Denim Jacket", "Trucker Jacket"),
                   "pointed yoke and metal buttons", demo_palette.DENIM, _DENIM))),
    Subtype("Handbags", BAGS, 205, demo_palette.BAGS, ("Handbag", "Bag", "Purse"),
            _WORN_BY_WOMEN, ("Leather", "Vegan Leather", "Canvas", "Suede"),
            ("office", "party", "everyday", "shopping"), (35, 249),
            (Model(demo_handbags.draw_tote, 3, ("Tote", "Tote Bag", "Shopper Bag"),
                   "roomy inside and two long handles"),
             Model(demo_handbags.draw_shoulder_bag, 3, ("Shoulder Bag", "Flap Bag", "Crossbody Bag"),
                   "flap front and adjustable strap"),
             Model(demo_handbags.draw_bucket_bag, 2, ("Bucket Bag", "Drawstring Handbag"),
                   "drawstring mouth and round base"),
             Model(demo_handbags.draw_satchel, 3, ("Satchel", "Top Handle Bag", "Bowling Handbag"),
                   "structured body with short handles"),
             Model(demo_handbags.draw_hobo, 2, ("Hobo Bag", "Hobo Handbag", "Crescent Bag"),
                   "soft crescent shape under one strap"))),
    Subtype("Backpacks", BAGS, 145, demo_palette.PACKS, ("Backpack", "Rucksack", "Backpacks"),
            ("Unisex", "Men", "Women", "Kids"), ("Nylon", "Canvas", "Recycled Polyester", "Ripstop"),
            ("school", "travel", "hiking", "work"), (29, 159),
            (Model(demo_backpacks.draw_day_pack, 3, ("Daypack", "City Backpack", "Laptop Backpack"),
                   "padded laptop sleeve and front pocket"),
             Model(demo_backpacks.draw_roll_top, 2, ("Roll-Top Backpack", "Rolltop Rucksack"),
                   "rolling mouth that keeps the rain out"),
             Model(demo_backpacks.draw_school_pack, 2, ("School Backpack", "Schoolbag Backpack"),
                   "two front pockets and reflective band"),
             Model(demo_backpacks.draw_trekking_pack, 2, ("Trekking Backpack", "Hiking Rucksack"),
                   "lidded top and compression straps"))),
)  # fmt: skip
