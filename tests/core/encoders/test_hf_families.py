"""Text models of several families, small and with random weights, saved as transformers saves them."""

import socket

import numpy as np
import pytest
import torch

from core.domain.errors import EncoderUnavailableError
from core.domain.progress import NullProgress
from core.encoders.registry import check_available, load_text_encoder

TEXTS = ["red leather shoes", "blue bag", "shoes", ""]
SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


def word_tokenizer(folder):
    """One token per word; what a tokenizer does is not the matter here."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = ["<pad>", "<unk>", "<s>", "</s>", "red", "blue", "leather", "shoes", "bag"]
    tokenizer = Tokenizer(models.WordLevel({word: index for index, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", special_tokens=[("<s>", 2), ("</s>", 3)])
    names = {"pad_token": "<pad>", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)


def build(family, folder):
    import transformers

    torch.manual_seed(0)
    common = {"vocab_size": 9, "pad_token_id": 0, "max_position_embeddings": 24}
    config = {
        "bert": lambda: transformers.BertConfig(**SIZES, **common),
        "albert": lambda: transformers.AlbertConfig(**SIZES, **common, embedding_size=8),
        "distilbert": lambda: transformers.DistilBertConfig(dim=16, n_layers=2, n_heads=2, hidden_dim=32, **common),
        "roberta": lambda: transformers.RobertaConfig(**SIZES, **common),
    }[family]()
    transformers.AutoModel.from_config(config).save_pretrained(folder)
    word_tokenizer(folder)
    return folder


@pytest.fixture(scope="module", params=["bert", "albert", "distilbert", "roberta"])
def folder(request, tmp_path_factory):
    return build(request.param, tmp_path_factory.mktemp(request.param))


def test_a_text_model_gives_the_masked_mean_of_its_last_hidden_state(folder):
    from transformers import AutoModel, AutoTokenizer

    encoder = load_text_encoder(f"hf-text:{folder}", folder)
    embeddings = encoder.encode(TEXTS, NullProgress())
    assert embeddings.shape == (4, 16)
    assert not embeddings[3].any()
    tokenizer, network = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    for text, embedding in zip(TEXTS[:3], embeddings, strict=False):
        inputs = tokenizer(text, return_tensors="pt")
        with torch.inference_mode():
            hidden = network(input_ids=inputs["input_ids"]).last_hidden_state[0]
        expected = torch.nn.functional.normalize(hidden.mean(dim=0), dim=0).numpy()
        assert float(expected @ embedding) > 0.999  # bf16


def test_a_text_longer_than_the_model_takes_is_cut(folder):
    embedding = load_text_encoder(f"hf-text:{folder}", folder).encode(["red bag " * 400], NullProgress())
    assert np.isfinite(embedding).all()
    assert embedding.any()


def test_roberta_takes_its_default_from_the_cache_and_others_by_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(EncoderUnavailableError, match="FacebookAI/roberta-base") as fault:
        check_available("roberta")
    assert str(tmp_path / "hub") in fault.value.remedy
    repository = tmp_path / "hub" / "models--roberta-base"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("1" * 40)
    cached = build("roberta", repository / "snapshots" / ("1" * 40))
    by_default = load_text_encoder("roberta", tmp_path)
    by_folder = load_text_encoder(f"roberta:{cached}", tmp_path)
    assert (by_default.name, by_folder.name) == ("roberta", f"roberta:{cached}")
    assert by_default.version == by_folder.version
    expected = load_text_encoder(f"hf-text:{cached}", tmp_path).encode(TEXTS, NullProgress())
    np.testing.assert_array_equal(by_default.encode(TEXTS, NullProgress()), expected)


def test_title_and_brand_are_embedded_apart(folder):
    encoder = load_text_encoder(f"hf-text:{folder}", folder)
    titles, brands = encoder.encode(["red shoes"], NullProgress()), encoder.encode(["bag"], NullProgress())
    together = encoder.encode(["red shoes", "bag"], NullProgress())
    np.testing.assert_allclose(together, np.concatenate([titles, brands]), atol=2e-2)  # bf16


def test_weights_that_lack_a_layer_are_refused(tmp_path):
    from safetensors.torch import load_file, save_file

    folder = build("bert", tmp_path)
    weights = load_file(folder / "model.safetensors")
    lacking = {name: tensor for name, tensor in weights.items() if "layer.1.output.dense" not in name}
    save_file(lacking, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(EncoderUnavailableError, match="lack 2 tensors"):
        load_text_encoder(f"hf-text:{folder}", folder)


def test_loading_opens_no_socket(folder, monkeypatch):
    def refuse(*arguments):
        raise AssertionError(f"a connection to {arguments[1:]}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert load_text_encoder(f"hf-text:{folder}", folder).encode(["red"], NullProgress()).any()
