"""Which column of a file means what: the fields Shelfwise knows, and a guess from column names."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.domain.errors import CatalogueFormatError


@dataclass(frozen=True)
class FieldSpec:
    """A field of an offer. `aliases`: column names that mean it, the most trusted first."""

    name: str
    label: str
    is_required: bool
    description: str
    aliases: tuple[str, ...]


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec(
        "product_id",
        "Product id",
        False,
        "What the platform calls the product; unique within the platform.",
        _names(
            "product id, id, external id, item id, article id, uniq id, unique id, asin, product code, "
            "item number, article number, artikelnummer, produkt id, id produit, handle"
        ),
    ),
    FieldSpec(
        "platform",
        "Platform",
        False,
        "The shop or marketplace the row comes from.",
        _names(
            "platform, shop, retailer, merchant, marketplace, store, seller, source, channel, site, website, "
            "domain, shop name, plattform, haendler, boutique, tienda, plateforme"
        ),
    ),
    FieldSpec(
        "title",
        "Title",
        True,
        "What the product is called.",
        _names(
            "title, product title, name, product name, item name, item title, product display name, product, "
            "display name, titel, produktname, bezeichnung, artikelname, titre, nom, nom du produit, titulo, "
            "nombre, titolo, nome"
        ),
    ),
    FieldSpec(
        "brand",
        "Brand",
        False,
        "Who makes it.",
        _names(
            "brand, brand name, manufacturer, maker, vendor, label, designer, marke, hersteller, marque, "
            "fabricant, marca, fabricante"
        ),
    ),
    FieldSpec(
        "description",
        "Description",
        False,
        "Longer text about the product; markup is taken out.",
        _names(
            "description, product description, long description, body html, body, short description, details, "
            "product details, summary, text, beschreibung, produktbeschreibung, descripcion, descrizione"
        ),
    ),
    FieldSpec(
        "price",
        "Price",
        False,
        "What it costs, as a number or with a currency: 12.50, 1.299,00 €.",
        _names(
            "price, current price, sale price, selling price, discounted price, variant price, retail price, "
            "regular price, list price, unit price, amount, preis, prix, precio, prezzo"
        ),
    ),
    FieldSpec(
        "currency",
        "Currency",
        False,
        "The currency of the price, such as EUR.",
        _names("currency, currency code, price currency, iso currency, waehrung, währung, devise, moneda, valuta"),
    ),
    FieldSpec(
        "gtin",
        "GTIN / EAN",
        False,
        "The number under the bar code.",
        _names("gtin, ean, gtin13, ean13, gtin14, upc, barcode, variant barcode, ean code, isbn"),
    ),
    FieldSpec(
        "sku",
        "SKU",
        False,
        "The shop's own stock number.",
        _names("sku, variant sku, product sku, item sku, stock number, mpn, part number, model number"),
    ),
    FieldSpec("offer_id", "Offer id", False, "The number of this offer.", _names("offer id, offer, listing id, ad id")),
    FieldSpec(
        "batch_id",
        "Batch id",
        False,
        "The delivery the row came with.",
        _names("batch id, batch, import id, feed id, delivery id, crawl id"),
    ),
    FieldSpec(
        "url",
        "Page URL",
        False,
        "Where the product can be seen.",
        _names("url, product url, link, product link, page url, deeplink, canonical url, lien, enlace"),
    ),
    FieldSpec(
        "image",
        "Image",
        False,
        "File name, path or URL of the picture.",
        _names(
            "image, image file, image path, image url, image link, image name, image src, main image, "
            "main image url, img, img url, picture, picture url, photo, photo url, thumbnail, images, "
            "image urls, file name, filename, variant image, bild, bild url, imagen, immagine"
        ),
    ),
    FieldSpec(
        "category",
        "Category",
        True,
        "The category path in the existing taxonomy, such as Apparel > Shoes.",
        _names(
            "category path, category, categories, product category, category name, product category tree, "
            "category tree, product type, google product category, breadcrumb, breadcrumbs, taxonomy, path, "
            "item category, article type, type, kategorie, warengruppe, categorie, categoria"
        ),
    ),
)

_KIND_WORDS = frozenset(_names("id, ids, code, number, no, count, date, url, link, type, flag"))
_WEAK_ALIASES = frozenset(
    _names("id, type, path, text, product, site, source, label, name, nom, nome, link, url, body, amount, store, offer")
)


def suggest_mapping(columns: Sequence[str]) -> dict[str, str]:
    """Guess which column holds which field.

    Case, spaces, punctuation, accents and Google's `g:` prefix do not matter. A whole name beats a part of one; a
    part must be whole words, and a name that ends in a word such as "id" or "url" is that kind of thing and no other.

    Args:
        columns: Column names of the file.

    Returns:
        Field name -> column name, for the fields found. No column appears twice.
    """
    mapping: dict[str, str] = {}
    free = {column: _words(column) for column in columns}
    for matches in (_is_same, _is_part):
        for field, alias in _by_rank(mapping):
            found = next((column for column, words in free.items() if matches(alias, words)), None)
            if found is not None:
                mapping[field.name] = found
                del free[found]
    return {field.name: mapping[field.name] for field in FIELDS if field.name in mapping}


def check_mapping(mapping: Mapping[str, str], columns: Sequence[str], require_category: bool = True) -> None:
    """Refuse a mapping that cannot make products.

    Args:
        mapping: Field name -> column name; an empty column name means not mapped.
        columns: Column names of the file.
        require_category: Whether products must come with a category; False for products to be classified.

    Raises:
        CatalogueFormatError: If a required field has no column, a column does not exist, or a field is unknown.
    """
    known = {field.name: field for field in FIELDS}
    present = ", ".join(columns)
    for name, column in mapping.items():
        if name not in known:
            raise CatalogueFormatError(f"There is no field '{name}'.", f"Choose one of: {', '.join(known)}.")
        if column and column not in columns:
            message = f"Column '{column}', mapped to {name}, is not in the file. It has: {present}."
            raise CatalogueFormatError(message, f"Map another column to {name} on screen.")
    for field in FIELDS:
        is_needed = field.is_required and (field.name != "category" or require_category)
        if is_needed and not mapping.get(field.name):
            message = f"Required field '{field.name}' has no column. The file has: {present}."
            remedy = f"Map a column to {field.label} on screen, or rename the column to '{field.name}' in the file."
            raise CatalogueFormatError(message, remedy)


def _by_rank(mapping: Mapping[str, str]) -> Iterator[tuple[FieldSpec, tuple[str, ...]]]:
    """Every alias of the fields not mapped yet, first aliases of all fields before second ones."""
    deepest = max(len(field.aliases) for field in FIELDS)
    for rank in range(deepest):
        for field in FIELDS:
            if rank < len(field.aliases) and field.name not in mapping:
                yield field, _words(field.aliases[rank])


def _words(name: str) -> tuple[str, ...]:
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"^g:", "", name.strip()))
    plain = "".join(c for c in unicodedata.normalize("NFKD", split) if not unicodedata.combining(c))
    return tuple(re.findall(r"[^\W_]+", plain.casefold()))


def _is_same(alias: tuple[str, ...], column: tuple[str, ...]) -> bool:
    return "".join(alias) == "".join(column)


def _is_part(alias: tuple[str, ...], column: tuple[str, ...]) -> bool:
    """Whether the alias's words stand in the column's name, side by side, without changing what it is."""
    n_words = len(alias)
    if n_words == 1 and alias[0] in _WEAK_ALIASES:
        return False
    starts = range(len(column) - n_words + 1)
    is_inside = any(column[start : start + n_words] == alias for start in starts)
    return is_inside and (column[-1] == alias[-1] or column[-1] not in _KIND_WORDS)
