"""What a catalogue looks like: depth, imbalance, titles, brands, backgrounds. Tables in, small tables out.

Every function takes a frame with a row per product and some of these columns: `platform`, `brand` ('' for none),
`title`, `depth` (number of names in the path), `path` (names from below the root joined by ` > `), `level_1` (the
first of them), `background_cleanliness` (NaN for a product without an image).
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.domain.arrays import AnyArray
from core.domain.product import CLEAN_BACKGROUND, format_path, parse_path

MAX_TITLE_WORDS = 40


def gini(counts: AnyArray) -> float:
    """Gini coefficient of sizes: 0 where all are equal, towards 1 where one has everything.

    Args:
        counts: Sizes, none negative. Shape: (n,).

    Returns:
        A fraction in [0, 1); 0 for no or only empty groups.

    Source:
        Gini 1912, in the form over sorted values: sum((2i - n - 1) x_i) / (n sum(x)).
    """
    ordered = np.sort(np.asarray(counts, dtype=np.float64))
    total = ordered.sum()
    if total == 0:
        return 0.0
    n = len(ordered)
    ranks = np.arange(1, n + 1)
    return float(((2 * ranks - n - 1) * ordered).sum() / (n * total))


def depth_distribution(products: pd.DataFrame) -> pd.DataFrame:
    """How deep the category paths of products are.

    Returns:
        A row per depth that occurs, ascending: `depth`, `n_products`, `share`.
    """
    counts = products["depth"].value_counts().sort_index()
    return pd.DataFrame(
        {
            "depth": counts.index.to_numpy(dtype=np.int64),
            "n_products": counts.to_numpy(dtype=np.int64),
            "share": counts.to_numpy(dtype=np.float64) / max(len(products), 1),
        }
    )


def node_sizes(products: pd.DataFrame) -> pd.DataFrame:
    """Products at or below every node that holds any.

    Returns:
        A row per node: `level` (1 is below the root), `path`, `n_products`; by level, the largest first.
    """
    sizes: Counter[tuple[str, ...]] = Counter()
    for path, n_products in products["path"].value_counts().items():
        names = parse_path(str(path))
        for level in range(1, len(names) + 1):
            sizes[names[:level]] += n_products
    rows = sorted((len(names), -n_products, format_path(names)) for names, n_products in sizes.items())
    return pd.DataFrame(
        {
            "level": np.array([level for level, _, _ in rows], dtype=np.int64),
            "path": pd.Series([path for _, _, path in rows], dtype=str),
            "n_products": np.array([-size for _, size, _ in rows], dtype=np.int64),
        }
    )


def products_per_level(products: pd.DataFrame) -> pd.DataFrame:
    """Nodes of every level, and products at or below them, so a level's loss is what ends above it.

    Returns:
        A row per level from 1: `level`, `n_nodes`, `n_products`.
    """
    levels = node_sizes(products).groupby("level")["n_products"]
    return pd.DataFrame({"n_nodes": levels.size(), "n_products": levels.sum()}).reset_index()


def imbalance_per_level(products: pd.DataFrame) -> pd.DataFrame:
    """How unequal the nodes of a level are in products at or below them.

    Returns:
        A row per level from 1: `level`, `n_nodes`, `gini`, `largest`, `median`, `largest_to_median`.
    """
    levels = node_sizes(products).groupby("level")["n_products"]
    frame = pd.DataFrame(
        {
            "n_nodes": levels.size(),
            "gini": levels.agg(lambda sizes: gini(sizes.to_numpy())).astype(np.float64),
            "largest": levels.max(),
            "median": levels.median(),
        }
    ).reset_index()
    return frame.assign(largest_to_median=frame["largest"] / frame["median"])


def title_lengths(products: pd.DataFrame) -> pd.DataFrame:
    """Histogram of title lengths in words.

    Returns:
        A row per length from the shortest to the longest, empty ones too: `n_words`, `n_products`. The last bin,
        `MAX_TITLE_WORDS`, holds all longer titles.
    """
    n_words = np.fromiter((len(title.split()) for title in products["title"].tolist()), np.int64, len(products))
    counts = np.bincount(np.minimum(n_words, MAX_TITLE_WORDS))
    first = int(n_words.min(initial=MAX_TITLE_WORDS)) if len(products) else 0
    return pd.DataFrame({"n_words": np.arange(first, len(counts)), "n_products": counts[first:]})


def top_brands(products: pd.DataFrame, n_brands: int = 20) -> pd.DataFrame:
    """The brands with most products.

    Returns:
        `brand`, `n_products`, `share` and `cumulative_share` of the products that have a brand; the largest first.
    """
    every = _brand_counts(products)
    counts = every.head(n_brands)
    share = counts.to_numpy(dtype=np.float64) / max(int(every.sum()), 1)
    return pd.DataFrame(
        {
            "brand": counts.index.to_numpy(dtype=object),
            "n_products": counts.to_numpy(dtype=np.int64),
            "share": share,
            "cumulative_share": np.cumsum(share),
        }
    )


def brand_skew(products: pd.DataFrame, top: Sequence[int] = (1, 5, 10, 50)) -> pd.DataFrame:
    """How much of the catalogue its largest brands hold.

    Args:
        products: Products with `brand`.
        top: Numbers of brands.

    Returns:
        A row per number: `top_k`, `share` of the products that have a brand. No rows where no product has.
    """
    counts = _brand_counts(products).to_numpy(dtype=np.float64)
    if not len(counts):
        return pd.DataFrame({"top_k": np.empty(0, np.int64), "share": np.empty(0)})
    cumulative = np.cumsum(counts) / counts.sum()
    shares = [float(cumulative[min(k, len(counts)) - 1]) for k in top]
    return pd.DataFrame({"top_k": np.array(top, dtype=np.int64), "share": shares})


def brand_lorenz(products: pd.DataFrame, n_points: int = 101) -> pd.DataFrame:
    """The Lorenz curve of brands, the smallest first: on the diagonal where all brands are equal.

    Returns:
        At most `n_points` points from (0, 0) to (1, 1): `brand_share`, `product_share`. No rows without brands.

    Source:
        Lorenz 1905, Methods of measuring the concentration of wealth.
    """
    counts = np.sort(_brand_counts(products).to_numpy(dtype=np.float64))
    if not len(counts):
        return pd.DataFrame({"brand_share": np.empty(0), "product_share": np.empty(0)})
    cumulative = np.concatenate([[0.0], np.cumsum(counts) / counts.sum()])
    positions = np.unique(np.linspace(0, len(counts), min(n_points, len(counts) + 1)).round().astype(np.int64))
    return pd.DataFrame({"brand_share": positions / len(counts), "product_share": cumulative[positions]})


def clean_background_share(products: pd.DataFrame, by: str = "platform") -> pd.DataFrame:
    """Share of images on a clean background, in every group.

    Args:
        products: Products with `background_cleanliness` and the column named by `by`.
        by: The column to group by, such as `platform` or `level_1`.

    Returns:
        A row per group that has images, the most images first: the group, `n_images`, `clean_share`.
    """
    with_image = products.loc[products["background_cleanliness"].notna(), [by, "background_cleanliness"]]
    is_clean = with_image["background_cleanliness"] > CLEAN_BACKGROUND
    groups = is_clean.groupby(with_image[by])
    frame = pd.DataFrame({"n_images": groups.size(), "clean_share": groups.mean()}).rename_axis(by).reset_index()
    return frame.sort_values(["n_images", by], ascending=[False, True], ignore_index=True)


def _brand_counts(products: pd.DataFrame) -> pd.Series:
    """Products of every brand, the largest first, then by name."""
    brands = products["brand"]
    counts = brands[brands != ""].value_counts()
    return counts.sort_index().sort_values(ascending=False, kind="stable")
