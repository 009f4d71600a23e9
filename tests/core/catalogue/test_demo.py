import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalogue.demo import COLUMNS, DemoCatalogue, write_demo
from core.catalogue.demo_kinds import BAGS, CLOTHING, SHOES
from core.domain.errors import JobCancelledError, TooFewProductsError
from core.domain.progress import NullProgress

N_PRODUCTS = 110


class RecordedProgress:
    def __init__(self, cancel_after: int | None = None) -> None:
        self.fractions: list[float] = []
        self._cancel_after = cancel_after

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        if self._cancel_after is not None and len(self.fractions) >= self._cancel_after:
            raise JobCancelledError
        self.fractions.append(fraction)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoCatalogue:
    return write_demo(tmp_path_factory.mktemp("demo"), NullProgress(), N_PRODUCTS)


def read_rows(file_path: Path) -> list[dict[str, str]]:
    with file_path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def snapshot(directory: Path) -> dict[str, bytes]:
    return {str(p.relative_to(directory)): p.read_bytes() for p in sorted(directory.rglob("*")) if p.is_file()}


def is_picture(file_path: Path) -> bool:
    try:
        Image.open(io.BytesIO(file_path.read_bytes())).verify()
    except (OSError, SyntaxError):
        return False
    return True


def test_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_demo(tmp_path / name, NullProgress(), n_products=60, seed=3)
    first, second = snapshot(tmp_path / "first"), snapshot(tmp_path / "second")
    assert first == second
    assert len(first) > 60


def test_another_seed_writes_another_catalogue(tmp_path: Path) -> None:
    one = write_demo(tmp_path / "one", NullProgress(), n_products=12, seed=1)
    two = write_demo(tmp_path / "two", NullProgress(), n_products=12, seed=2)
    assert one.csv_path.read_bytes() != two.csv_path.read_bytes()


def test_table_has_the_promised_columns_and_a_row_per_offer(demo: DemoCatalogue) -> None:
    rows = read_rows(demo.csv_path)
    assert tuple(rows[0]) == COLUMNS
    assert N_PRODUCTS < len(rows) <= N_PRODUCTS * 1.1
    assert all(float(row["price"]) > 0 for row in rows)


def test_category_paths_hide_the_subtypes(demo: DemoCatalogue) -> None:
    categories = {row["category"] for row in read_rows(demo.csv_path)} - {""}
    subtypes = {row["subtype"] for row in read_rows(demo.truth_path)}
    assert categories == {SHOES, CLOTHING, BAGS}
    assert len(subtypes) == 11
    assert not any(subtype.lower() in category.lower() for subtype in subtypes for category in categories)


def test_truth_names_every_row_exactly_once(demo: DemoCatalogue) -> None:
    truth = [(row["product_id"], row["platform"]) for row in read_rows(demo.truth_path)]
    offers = {(row["product_id"], row["platform"]) for row in read_rows(demo.csv_path)}
    assert len(truth) == len(set(truth))
    assert set(truth) == offers


def test_every_kind_of_reject_is_present_and_rare(demo: DemoCatalogue) -> None:
    rows = read_rows(demo.csv_path)
    pictures = [demo.images_dir / row["image"] for row in rows]
    untitled = sum(not row["title"] for row in rows)
    homeless = sum(not row["category"] for row in rows)
    absent = sum(not picture.exists() for picture in pictures)
    broken = sum(picture.exists() and not is_picture(picture) for picture in pictures)
    assert min(untitled, homeless, absent, broken) >= 1
    assert untitled + homeless + absent + broken <= 8


def test_images_decode_in_the_catalogue_size_and_show_something(demo: DemoCatalogue) -> None:
    pictures = [picture for picture in sorted(demo.images_dir.iterdir()) if is_picture(picture)]
    assert len(pictures) >= N_PRODUCTS
    for picture in pictures:
        image = Image.open(picture)
        assert (image.format, image.size, image.mode) == ("JPEG", (160, 200), "RGB")
        assert np.asarray(image, dtype=float).std() > 6, picture.name


def test_most_products_stand_before_a_clean_backdrop(demo: DemoCatalogue) -> None:
    pictures = [picture for picture in sorted(demo.images_dir.iterdir()) if is_picture(picture)]
    cluttered = np.mean([border_cleanliness(picture) < 0.9 for picture in pictures])
    assert 0.04 < cluttered < 0.14


def border_cleanliness(file_path: Path) -> float:
    pixels = np.asarray(Image.open(file_path).convert("RGB"), dtype=float)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return float(np.mean(np.abs(border - np.median(border, axis=0)).max(axis=1) < 20))


def test_a_picture_is_also_sold_by_another_platform(demo: DemoCatalogue) -> None:
    platforms: dict[bytes, set[str]] = {}
    for row in read_rows(demo.csv_path):
        picture = demo.images_dir / row["image"]
        if picture.exists() and is_picture(picture):
            platforms.setdefault(picture.read_bytes(), set()).add(row["platform"])
    assert sum(len(names) > 1 for names in platforms.values()) == max(1, round(0.01 * N_PRODUCTS))


def test_progress_grows_to_one(tmp_path: Path) -> None:
    progress = RecordedProgress()
    write_demo(tmp_path, progress, n_products=12)
    assert progress.fractions == sorted(progress.fractions)
    assert progress.fractions[-1] == 1.0


def test_a_cancelled_run_leaves_the_earlier_demo_as_it_was(tmp_path: Path) -> None:
    write_demo(tmp_path, NullProgress(), n_products=12, seed=1)
    before = snapshot(tmp_path)
    with pytest.raises(JobCancelledError):
        write_demo(tmp_path, RecordedProgress(cancel_after=1), n_products=12, seed=2)
    assert snapshot(tmp_path) == before


def test_no_products_at_all_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(TooFewProductsError, match="got 0"):
        write_demo(tmp_path / "demo", NullProgress(), n_products=0)
    assert not (tmp_path / "demo").exists()
