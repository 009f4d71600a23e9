"""Image encoders of a workspace: trained once by name, `auto` resolved, and another way where titles teach nothing."""

import numpy as np
import pytest
import torch
from transformers import ViTConfig, ViTImageProcessor, ViTModel

from core.domain.errors import AppError, JobCancelledError, TooFewProductsError
from core.domain.progress import NullProgress
from core.services.context import Context
from core.services.encoding import prepare_encoders
from core.services.image_encoders import BUDGET_RANGE_S, embed_product_images, image_budget_s, prepare_image_encoder
from db.repositories import products as product_rows

pytestmark = pytest.mark.usefixtures("quick_encoders")


class CancelLearning:
    """Cancels the training at its first step."""

    n_steps = 0

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        self.n_steps += message.startswith("Learning")
        if self.n_steps == 1:
            raise JobCancelledError


def prepare(context: Context, name: str, progress=None):
    with context.database.read() as session:
        catalogue = product_rows.all_products(session)
    return prepare_image_encoder(context, catalogue, name, progress or NullProgress())


def test_auto_is_taught_by_titles_and_trained_once(discovered):
    first = prepare(discovered, "auto")
    assert first.name == "aligned"
    assert prepare(discovered, "aligned").version == prepare(discovered, "auto").version == first.version


def test_each_named_encoder_is_kept_beside_the_others(discovered):
    aligned, simclr, low = (prepare(discovered, name) for name in ("aligned", "simclr", "simclr:low"))
    assert len({aligned.version, simclr.version, low.version}) == 3
    assert prepare(discovered, "simclr:middle").version == simclr.version
    assert prepare(discovered, "aligned").version == aligned.version
    assert low.config["options"]["augment"] != simclr.config["options"]["augment"]


def test_vit_is_reduced_by_what_varies_in_this_catalogue(discovered, tmp_path):
    config = ViTConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, image_size=32,
                       patch_size=8)  # fmt: skip
    torch.manual_seed(0)
    ViTModel(config).save_pretrained(tmp_path)
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(tmp_path)
    encoder = prepare(discovered, f"vit:{tmp_path}")
    assert 1 <= encoder.n_dimensions < encoder.plain.n_dimensions == 32
    assert prepare(discovered, f"vit:{tmp_path}").version == encoder.version
    with discovered.database.read() as session:
        products = [product for product in product_rows.all_products(session) if product.image_hash][:20]
    by_store = embed_product_images(discovered, encoder, products, NullProgress())
    paths = [discovered.workspace.thumb_path(product.image_hash) for product in products]
    np.testing.assert_allclose(by_store, encoder.encode(paths, NullProgress()), atol=0.02)  # bf16


def test_where_titles_say_nothing_images_teach_themselves(context, write_csv, import_file, draw_pictures):
    rows = [{"sku": str(n), "title": f"{n}", "category": "Shoes", "image": f"{n}.png"} for n in range(30)]
    import_file(context, write_csv(rows), draw_pictures(30))
    with pytest.raises(TooFewProductsError) as refusal:
        prepare(context, "aligned")
    assert "simclr" in refusal.value.remedy
    assert prepare(context, "auto").name == "simclr"
    with context.database.read() as session:
        catalogue = product_rows.all_products(session)
    assert prepare_encoders(context, catalogue, NullProgress()).by_modality["image"].name == "simclr"


def test_a_cancelled_training_goes_on_the_next_time(discovered):
    with pytest.raises(JobCancelledError):
        prepare(discovered, "simclr:high", CancelLearning())
    folder = discovered.workspace.encoders / "image" / "training-simclr-high"
    assert (folder / "checkpoint.pt").exists()
    assert prepare(discovered, "simclr:high").config["steps"] >= 1
    assert not folder.exists()


def test_the_time_for_images_grows_with_their_number_and_can_be_set(monkeypatch):
    monkeypatch.delenv("SHELFWISE_IMAGE_SECONDS", raising=False)
    budgets = [image_budget_s(n_images) for n_images in (0, 100, 10_000, 10**7)]
    assert budgets == sorted(budgets)
    assert (budgets[0], budgets[-1]) == BUDGET_RANGE_S
    monkeypatch.setenv("SHELFWISE_IMAGE_SECONDS", "12.5")
    assert image_budget_s(10**7) == 12.5


@pytest.mark.parametrize("setting", ["soon", "0", "-3"])
def test_a_time_that_is_none_is_refused(monkeypatch, setting):
    monkeypatch.setenv("SHELFWISE_IMAGE_SECONDS", setting)
    with pytest.raises(AppError, match="SHELFWISE_IMAGE_SECONDS") as caught:
        image_budget_s(100)
    assert caught.value.remedy
