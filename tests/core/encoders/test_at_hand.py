import pytest

from core.encoders.at_hand import encoders_at_hand
from core.encoders.registry import check_available

REVISION = "1" * 40
CLIP = ("open_clip_config.json", "open_clip_model.safetensors")
TEXT = ("config.json", "tokenizer.json", "model.safetensors")
IMAGE = ("config.json", "preprocessor_config.json", "model.safetensors")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Empty caches, and how to put a repository into that of Hugging Face."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))

    def add(repository, *files):
        folder = tmp_path / "hub" / f"models--{repository.replace('/', '--')}"
        snapshot = folder / "snapshots" / REVISION
        snapshot.mkdir(parents=True)
        (folder / "refs").mkdir()
        (folder / "refs" / "main").write_text(REVISION)
        for file in files:
            (snapshot / file).write_text("{}")

    return add


def test_empty_caches_hold_nothing(cache):
    assert encoders_at_hand() == ()


@pytest.mark.parametrize(
    ("repository", "files", "name"),
    [
        ("Marqo/marqo-fashionSigLIP", CLIP, "clip:hf-hub:Marqo/marqo-fashionSigLIP"),
        ("laion/CLIP-ViT-B-32-laion2B-s34B-b79K", ("open_clip_model.safetensors",), "clip:ViT-B-32/laion2b_s34b_b79k"),
        ("sentence-transformers/all-MiniLM-L6-v2", TEXT, "hf-text:sentence-transformers/all-MiniLM-L6-v2"),
        ("FacebookAI/roberta-base", TEXT, "roberta"),
        ("roberta-base", TEXT, "roberta"),
        ("google/vit-base-patch16-224-in21k", IMAGE, "vit"),
        ("facebook/dinov2-small", IMAGE, "hf-image:facebook/dinov2-small"),
        ("timm/resnet50.a1_in1k", ("model.safetensors",), "timm:resnet50.a1_in1k"),
    ],
)  # fmt: skip
def test_a_cached_repository_is_an_encoder_that_is_available(cache, repository, files, name):
    cache(repository, *files)
    assert encoders_at_hand() == (name,)
    check_available(name)


def test_a_repository_without_weights_is_none(cache):
    cache("org/model", "config.json", "tokenizer.json")
    cache("org/other", "model.safetensors")
    assert encoders_at_hand() == ()


def test_torchvision_s_weights_are_timm_models(cache, tmp_path):
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    for file in ("resnet50-0676ba61.pth", "vgg16-397923af.pth", "something-else.pth"):
        (folder / file).write_bytes(b"weights")
    assert encoders_at_hand() == ("timm:resnet50", "timm:vgg16")
    check_available("timm:vgg16")
