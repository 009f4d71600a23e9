import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.services.encoders import EncoderState, automatic_choice, encoder_names, list_encoders, title_of

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def caches(tmp_path, monkeypatch):
    """Empty caches of pretrained weights."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path


def add_vit(caches):
    folder = caches / "hub" / "models--google--vit-base-patch16-224-in21k"
    snapshot = folder / "snapshots" / "1"
    snapshot.mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("1")
    for file in ("config.json", "preprocessor_config.json", "model.safetensors"):
        (snapshot / file).write_text("{}")


def test_without_weights_only_what_learns_here_can_be_used(context):
    for status in list_encoders(context):
        assert status.is_usable is status.card.is_trained_here
        assert bool(status.remedy) is not status.is_usable
    assert encoder_names(context, "text") == ("auto", "tfidf")
    assert encoder_names(context, "image") == ("auto", "aligned", "simclr:low", "simclr:middle", "simclr:high")


def test_weights_that_appear_can_be_chosen(context, caches):
    add_vit(caches)
    by_name = {status.card.name: status for status in list_encoders(context)}
    assert by_name["vit"].state is EncoderState.READY
    assert encoder_names(context, "image")[-1] == "vit"


def test_auto_counts_the_images_of_the_catalogue(context, imported):
    assert automatic_choice(context).image_encoder is None
    assert automatic_choice(imported).image_encoder == "aligned"


def test_the_words_of_an_encoded_catalogue_are_trained(discovered):
    words = next(status for status in list_encoders(discovered) if status.card.name == "tfidf")
    assert words.state is EncoderState.TRAINED
    assert "titles" in words.detail


def test_every_usable_name_has_a_title(context):
    assert {title_of(name) for name in encoder_names(context, "image")}


def test_listing_imports_no_deep_learning(tmp_path):
    check = (
        "import sys; from core.services.context import open_context; from core.services import encoders; "
        "context = open_context(); encoders.list_encoders(context); encoders.automatic_choice(context); "
        "print([name for name in ('torch', 'transformers', 'open_clip', 'timm', 'lightly') if name in sys.modules])"
    )
    environment = {**os.environ, "SHELFWISE_HOME": str(tmp_path / "home")}
    found = subprocess.run(
        [sys.executable, "-c", check], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
