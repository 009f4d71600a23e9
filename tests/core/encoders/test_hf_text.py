import numpy as np
import pytest
import torch

from core.domain.errors import EncoderUnavailableError
from core.domain.progress import NullProgress
from core.encoders.hf_text import HfTextEncoder
from core.encoders.registry import check_available, load_text_encoder

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "red", "blue", "shoes", "bag", "##s", "leather"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A tiny BERT with random weights, as transformers saves it."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("bert")
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
    )
    BertModel(config).save_pretrained(folder)
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


def test_embeddings_are_the_masked_mean_of_the_last_hidden_state(folder):
    from transformers import AutoModel, AutoTokenizer

    texts = ["red shoes", "blue leather bags red", "shoes"]
    embeddings = load_text_encoder(f"hf-text:{folder}", folder).encode(texts, NullProgress())
    tokenizer, network = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    for text, embedding in zip(texts, embeddings, strict=True):
        with torch.inference_mode():
            hidden = network(**tokenizer(text, return_tensors="pt")).last_hidden_state[0]
        expected = torch.nn.functional.normalize(hidden.mean(dim=0), dim=0).numpy()
        assert float(expected @ embedding) > 0.999  # bf16


def test_embeddings_are_unit_length_and_empty_texts_zero(folder):
    encoder = HfTextEncoder.load(f"hf-text:{folder}")
    embeddings = encoder.encode(["red", "", " ", "blue bag"], NullProgress())
    assert embeddings.shape == (4, 16)
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), [1, 0, 0, 1], atol=1e-5)
    assert encoder.encode([], NullProgress()).shape == (0, 16)


def test_a_long_text_is_cut_to_what_the_model_takes(folder):
    encoder = HfTextEncoder.load(f"hf-text:{folder}")
    assert encoder.encode(["red shoes " * 500], NullProgress()).any()


def test_version_follows_the_weights(folder, tmp_path):
    import shutil

    from safetensors.torch import load_file, save_file

    copy = shutil.copytree(folder, tmp_path / "copy")
    version = HfTextEncoder.load(f"hf-text:{folder}").version
    assert HfTextEncoder.load(f"hf-text:{copy}").version == version
    weights = load_file(copy / "model.safetensors")
    save_file({name: tensor + 0.01 for name, tensor in weights.items()}, copy / "model.safetensors", {"format": "pt"})
    assert HfTextEncoder.load(f"hf-text:{copy}").version != version


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors", "tokenizer.json"])
def test_an_incomplete_folder_says_what_is_missing(folder, tmp_path, missing):
    import shutil

    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / missing).unlink()
    if missing == "tokenizer.json":
        (copy / "vocab.txt").unlink(missing_ok=True)
    with pytest.raises(EncoderUnavailableError, match=missing.partition(".")[0].replace("model", "weights")):
        check_available(f"hf-text:{copy}")


def test_a_corrupt_model_is_unavailable(folder, tmp_path):
    import shutil

    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / "config.json").write_text("{}")
    with pytest.raises(EncoderUnavailableError, match="could not be loaded"):
        HfTextEncoder.load(f"hf-text:{copy}")
