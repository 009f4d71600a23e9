"""A workspace whose categories have lost their children, and the truth that was taken from them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bench.measure import run_command
from core.domain.errors import AppError
from core.domain.product import PATH_SEPARATOR, Product
from core.domain.workspace import Workspace
from core.services.context import Context, open_context
from core.taxonomy.tree import Taxonomy
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows

DEPTH = 2
"""Levels of the category path that the workspace may know."""


@dataclass(frozen=True, slots=True)
class HiddenCategory:
    """A category whose children are hidden. `truth` holds the whole path of each product, in the products' order."""

    name: str
    node_id: str
    products: tuple[Product, ...]
    truth: tuple[str, ...]

    @property
    def n_leaves(self) -> int:
        """How many children are hidden."""
        return len(set(self.truth))

    @property
    def largest_share(self) -> float:
        """Share of the largest child: the purity of one single cluster."""
        return float(np.unique(np.asarray(self.truth), return_counts=True)[1].max() / len(self.truth))

    def truth_of(self, product_ids: Sequence[int]) -> list[str]:
        """True path of each of these products."""
        by_id = {product.id: path for product, path in zip(self.products, self.truth, strict=True)}
        return [by_id[product_id] for product_id in product_ids]


def open_hidden(data: Path, home: Path, sample: int | None = None) -> Context:
    """Open the workspace, importing the catalogue with its paths cut where that has not been done.

    Args:
        data: Folder with `products.csv` and `images.zip`.
        home: The workspace's folder; made where it is missing.
        sample: Take so many products only, chosen at random; None takes all.

    Raises:
        AppError: If the workspace holds another catalogue.
    """
    home.mkdir(parents=True, exist_ok=True)
    frame = read_products(data, sample)
    cut = frame.category_path.str.split(PATH_SEPARATOR).str[:DEPTH].str.join(PATH_SEPARATOR)
    text = frame.assign(category_path=cut).to_csv(index=False)
    imported = home / "shallow.csv"
    if not imported.exists():
        unfinished = home / "importing.csv"
        unfinished.write_text(text, encoding="utf-8")
        run_command(["import", str(unfinished), "--images", str(data / "images.zip")], home)
        unfinished.rename(imported)
    elif imported.read_text(encoding="utf-8") != text:
        raise AppError(f"The workspace {home} holds another catalogue.", "Name another folder with --home.")
    return open_context(Workspace(home))


def read_products(data: Path, sample: int | None = None) -> pd.DataFrame:
    """The rows of `products.csv` as text, all or some of them at random, in the file's order."""
    frame = pd.read_csv(data / "products.csv", dtype=str, keep_default_na=False)
    return frame if sample is None or sample >= len(frame) else frame.sample(sample, random_state=0).sort_index()


def true_paths_of(data: Path, sample: int | None = None) -> dict[str, str]:
    """External id → whole category path, of the rows that `open_hidden` imports.

    Raises:
        AppError: If the folder is not that of the pack.
    """
    if not (data / "products.csv").exists():
        raise AppError(f"{data} holds no products.csv.", "Name the folder of the fashion pack with --data.")
    frame = read_products(data, sample)
    return dict(zip(frame.product_id, frame.category_path, strict=True))


def hidden_categories(
    context: Context, true_paths: Mapping[str, str], min_products: int, min_leaves: int = 3
) -> list[HiddenCategory]:
    """Categories of the second level that are large and varied enough to be discovered in, the largest first.

    Args:
        context: The workspace.
        true_paths: External id of a product → its whole path.
        min_products: Fewer products than these, and the category is left out.
        min_leaves: Fewer children than these, and the category is left out.
    """
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        catalogue = product_rows.all_products(session)
    groups: dict[str, list[Product]] = defaultdict(list)
    for product in catalogue:
        names = true_paths[product.external_id].split(PATH_SEPARATOR)
        groups[PATH_SEPARATOR.join(names[:DEPTH])].append(product)
    found = [
        HiddenCategory(
            name,
            taxonomy.find_by_path(tuple(name.split(PATH_SEPARATOR))).id,
            tuple(products),
            tuple(true_paths[product.external_id] for product in products),
        )
        for name, products in groups.items()
        if len(products) >= min_products
    ]
    return sorted((c for c in found if c.n_leaves >= min_leaves), key=lambda c: (-len(c.products), c.name))
