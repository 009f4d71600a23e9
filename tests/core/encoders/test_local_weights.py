import shutil
from pathlib import Path

import pytest

from core.domain.errors import EncoderUnavailableError
from core.encoders.local_weights import find_clip, find_hf_model, hash_files, stay_offline

REVISION = "0" * 40


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty Hugging Face cache, and how to put a repository into it."""
    hub = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(hub))

    def add(repository: str, *files: str) -> Path:
        folder = hub / f"models--{repository.replace('/', '--')}"
        (folder / "refs").mkdir(parents=True)
        (folder / "refs" / "main").write_text(REVISION)
        snapshot = folder / "snapshots" / REVISION
        snapshot.mkdir(parents=True)
        for file in files:
            (snapshot / file).write_bytes(file.encode())
        return snapshot

    return add


def test_a_clip_tag_is_found_in_the_cache(cache):
    snapshot = cache("laion/CLIP-ViT-B-32-laion2B-s34B-b79K", "open_clip_model.safetensors")
    source = find_clip("ViT-B-32/laion2b_s34b_b79k")
    assert (source.model, source.pretrained) == ("ViT-B-32", "laion2b_s34b_b79k")
    assert source.files == (snapshot / "open_clip_model.safetensors",)


def test_every_tag_of_open_clip_that_has_a_repository_is_known():
    import open_clip

    from core.encoders.local_weights import clip_repositories

    configured = {key: open_clip.get_pretrained_cfg(*key).get("hf_hub") for key in open_clip.list_pretrained()}
    theirs = {key: repository for key, repository in configured.items() if repository}
    ours = clip_repositories()
    assert {key: ours.get(key) for key in theirs} == theirs


def test_a_clip_repository_is_found_in_the_cache(cache):
    snapshot = cache("org/model", "open_clip_config.json", "open_clip_model.safetensors")
    source = find_clip("hf-hub:org/model")
    assert source.model == f"local-dir:{snapshot}"
    assert {file.name for file in source.files} == {"open_clip_config.json", "open_clip_model.safetensors"}


def test_a_transformers_model_is_found_in_the_cache(cache):
    snapshot = cache("org/bert", "config.json", "tokenizer.json", "model.safetensors")
    assert find_hf_model("org/bert") == snapshot


@pytest.mark.parametrize(
    "source", ["ViT-B-32/laion2b_s34b_b79k", "ViT-B-32/no-such-tag", "ViT-B-32", "hf-hub:org/none", "local-dir:/none"]
)
def test_what_is_not_there_says_where_to_put_it(cache, tmp_path, source):
    with pytest.raises(EncoderUnavailableError) as fault:
        find_clip(source)
    assert str(tmp_path / "hub") in fault.value.remedy


@pytest.mark.parametrize("source", ["org/none", "not a name", "a/b/c"])
def test_a_missing_transformers_model_says_where_to_put_it(cache, tmp_path, source):
    with pytest.raises(EncoderUnavailableError) as fault:
        find_hf_model(source)
    assert str(tmp_path / "hub") in fault.value.remedy


def test_the_hash_follows_content_and_parameters_not_the_place(tmp_path):
    first, second = tmp_path / "a" / "w.bin", tmp_path / "b" / "w.bin"
    first.parent.mkdir()
    first.write_bytes(b"weights")
    shutil.copytree(first.parent, second.parent)
    assert hash_files([first], 1) == hash_files([second], 1)
    assert hash_files([first], 1) != hash_files([first], 2)
    second.write_bytes(b"other")
    assert hash_files([first], 1) != hash_files([second], 1)


def test_offline_means_no_request_leaves(monkeypatch):
    from huggingface_hub import constants, get_session
    from huggingface_hub.errors import OfflineModeIsEnabled

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    stay_offline()
    with pytest.raises(OfflineModeIsEnabled):
        get_session().get("https://huggingface.co")
