import json

import pytest

from core.services import encoders
from core.services.encoders import EncoderState


@pytest.fixture(autouse=True)
def no_weights(tmp_path, monkeypatch):
    """Empty caches of pretrained weights."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "hub"


def drawn(at):
    return "\n".join(block.proto.body for block in at.get("html"))


def test_every_encoder_is_listed_with_its_state_size_and_licence(home, ctx, open_page):
    text = drawn(open_page("encoders.py"))
    known = encoders.list_encoders(ctx)
    assert len(known) == text.count('class="sw-encoder"')
    for status in known:
        assert f"<code>{status.card.name}</code>" in text
        assert status.card.size in text
    assert text.count("Needs weights") == sum(status.state is EncoderState.MISSING for status in known) > 0


def test_missing_weights_come_with_where_to_put_them(home, no_weights, open_page):
    text = drawn(open_page("encoders.py"))
    assert "hf download Marqo/marqo-fashionSigLIP" in text
    assert str(no_weights) in text


def test_auto_says_what_it_takes_and_why(home, open_page):
    text = drawn(open_page("encoders.py"))
    assert "<code>aligned</code>" in text
    assert "No pretrained CLIP model is on this machine." in text


def test_a_trained_encoder_says_from_how_much(home, ctx, open_page):
    folder = ctx.workspace.encoders / "image"
    (folder / "abc").mkdir(parents=True)
    (folder / "abc" / "config.json").write_text(json.dumps({"n_images": 35257, "elapsed_s": 542.0}))
    (folder / "current-simclr-low.json").write_text(json.dumps({"version": "abc", "n_items": 35257}))
    text = drawn(open_page("encoders.py"))
    assert "35,257 images, 9 minutes" in text
    by_name = {status.card.name: status for status in encoders.list_encoders(ctx)}
    assert by_name["simclr:low"].state is EncoderState.TRAINED
    assert by_name["simclr:high"].state is EncoderState.UNTRAINED


def test_an_empty_workspace_has_a_page_too(empty_home, open_page):
    assert "No product has an image" in drawn(open_page("encoders.py"))


def test_discover_offers_the_encoders_that_can_be_used(home, open_page):
    at = open_page("discover.py")
    offered = at.selectbox(key="discover_image_encoder").options
    assert {"auto", "aligned", "simclr:middle"} <= set(offered)
    assert not any(name.startswith("clip:") for name in offered)
    assert {"auto", "tfidf"} <= set(at.selectbox(key="discover_text_encoder").options)
