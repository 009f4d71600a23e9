import socket
import subprocess
import sys
import time

import pytest

from core.domain.errors import EncoderUnavailableError
from core.domain.progress import NullProgress
from core.encoders.registry import CARDS, check_available, get_card, load_image_encoder, load_text_encoder
from core.encoders.tfidf import TfidfEncoder

HEAVY = ("torch", "lightly", "transformers", "open_clip", "sklearn", "lance", "pyarrow")


def refuse_connection(*arguments):
    raise AssertionError(f"a connection was tried: {arguments[1:]}")


def test_an_unknown_name_lists_the_valid_ones():
    with pytest.raises(EncoderUnavailableError) as fault:
        get_card("word2vec")
    for card in CARDS:
        assert card.name in str(fault.value)


@pytest.mark.parametrize(
    "name", ["", "clip", "clip:", "hf-text:", "tfidf:x", "TFIDF", "simclr:huge", "vit:", "timm:", "aligned:x"]
)
def test_an_incomplete_name_is_unknown(name):
    with pytest.raises(EncoderUnavailableError, match="no encoder"):
        check_available(name)


def test_a_family_member_has_its_family_s_card_under_its_own_name():
    card = get_card("clip:ViT-B-32/openai")
    assert card.name == "clip:ViT-B-32/openai"
    assert card.needs_download


@pytest.mark.parametrize("name", ["tfidf", "simclr", "simclr:low", "simclr:middle", "simclr:high", "aligned", "auto"])
def test_the_embedded_encoders_are_available(name):
    check_available(name)
    assert not get_card(name).needs_download


@pytest.mark.parametrize(
    "name",
    [
        "clip:ViT-B-32/laion2b_s34b_b79k",
        "clip:hf-hub:Marqo/marqo-fashionSigLIP",
        "hf-text:FacebookAI/roberta-base",
        "hf-image:facebook/dinov2-small",
        "roberta",
        "vit",
        "timm:resnet50",
        "timm:vgg16",
    ],
)
def test_missing_weights_are_reported_at_once_with_their_place(name, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(socket.socket, "connect", refuse_connection)
    monkeypatch.setattr(socket, "getaddrinfo", refuse_connection)
    started = time.monotonic()
    with pytest.raises(EncoderUnavailableError) as fault:
        check_available(name)
    assert time.monotonic() - started < 2
    assert str(tmp_path) in fault.value.remedy
    repository = {"roberta": "FacebookAI/roberta-base", "vit": "google/vit-base-patch16-224-in21k"}
    assert repository.get(name, name.rpartition("/")[2].partition(":")[2]) in fault.value.remedy


def test_an_encoder_of_the_other_modality_is_refused(tmp_path):
    with pytest.raises(EncoderUnavailableError, match="does not encode images"):
        load_image_encoder("tfidf", tmp_path)
    with pytest.raises(EncoderUnavailableError, match="does not encode texts"):
        load_text_encoder("simclr", tmp_path)


def test_a_short_name_has_the_card_of_what_it_stands_for():
    assert get_card("simclr").title == get_card("simclr:middle").title
    assert get_card("simclr").name == "simclr"


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_every_card_says_what_a_person_needs(card):
    assert "good for" in card.description.lower() or "good where" in card.description.lower()
    assert all((card.title, card.licence, card.size))
    assert get_card(card.example or card.name).title == card.title
    assert bool(card.example) is card.is_family


def test_a_fitted_encoder_is_loaded_from_its_folder(tmp_path):
    TfidfEncoder.fit(["red shoes", "blue shoes"], NullProgress()).save(tmp_path)
    assert load_text_encoder("tfidf", tmp_path).n_dimensions == 2
    with pytest.raises(EncoderUnavailableError, match="trained image encoder"):
        load_image_encoder("simclr", tmp_path)


def test_light_modules_import_no_heavy_library():
    modules = (
        "core.encoders.encoder, core.encoders.registry, core.encoders.tfidf, core.encoders.type_focus, "
        "core.encoders.cards, core.encoders.choose, core.encoders.at_hand, core.encoders.variance_pca, "
        "core.features.store, core.features.embed, core.features.neighbors"
    )
    check = f"import sys, {modules}; print([name for name in {HEAVY} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
