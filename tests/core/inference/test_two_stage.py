import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest

from core.domain.classified import FAILED, FULL_STAGE, TEXT_STAGE, ProductToClassify
from core.domain.errors import EncoderUnavailableError, ModelNotFoundError
from core.inference import two_stage
from core.inference.bundle import load_bundle, save_bundle
from core.inference.two_stage import TwoStageClassifier
from tests.core.inference.stage_world import embed_pictures

EVERYTHING = 1.01


@pytest.fixture(scope="module")
def classifier(world):
    return TwoStageClassifier.load(world.bundle)


@pytest.fixture(scope="module")
def by_text(classifier, world):
    return classifier.classify(world.products, world.read, escalate_below=0.0)


class Asked:
    """A source that remembers what it was asked for."""

    def __init__(self, world, **others):
        self.pictures, self.refs = {**world.pictures, **others}, []

    def __call__(self, refs):
        self.refs += refs
        return [self.pictures.get(ref, "not there") for ref in refs]


def test_products_find_their_path_in_their_order(by_text, world):
    assert [said.row for said in by_text] == [product.row for product in world.products]
    assert [said.product_id for said in by_text] == [product.product_id for product in world.products]
    assert np.mean([said.node_ids == path for said, path in zip(by_text, world.paths, strict=True)]) > 0.9
    assert all(said.names == world.bundle.node_paths[said.node_ids[-1]] for said in by_text)


def test_pictures_are_asked_for_the_escalated_only(classifier, world, by_text):
    threshold = float(np.median([said.text_confidence for said in by_text]))
    unsure = [product for product, said in zip(world.products, by_text, strict=True) if said.confidence < threshold]
    asked = Asked(world)
    found = classifier.classify(world.products, asked, escalate_below=threshold)
    assert asked.refs == [product.image_ref for product in unsure]
    assert {said.row for said in found if said.stage == FULL_STAGE} == {product.row for product in unsure}
    assert {said.stage for said in found} == {TEXT_STAGE, FULL_STAGE}


def test_no_picture_is_asked_for_where_nothing_is_escalated(classifier, world):
    asked = Asked(world)
    assert {said.stage for said in classifier.classify(world.products, asked, escalate_below=0.0)} == {TEXT_STAGE}
    assert asked.refs == []


def test_the_stages_say_what_their_models_say(classifier, world, by_text):
    features = classifier.encoders.embed_texts(world.products)
    assert [said.node_ids for said in by_text] == [path.node_ids for path in classifier.text_stage.predict(features)]
    refs = [product.image_ref for product in world.products]
    features["image"] = embed_pictures(world.bundle.encoders, world.pictures, refs)
    expected = classifier.full_stage.predict(features)
    found = classifier.classify(world.products, world.read, escalate_below=EVERYTHING)
    assert [said.node_ids for said in found] == [path.node_ids for path in expected]
    assert [said.confidence for said in found] == pytest.approx([path.confidence for path in expected], abs=1e-5)
    assert [said.text_node_ids for said in found] == [said.node_ids for said in by_text]
    assert [said.text_confidence for said in found] == pytest.approx([said.confidence for said in by_text])


def test_the_bundle_says_what_is_escalated_where_the_caller_does_not(world, classifier, by_text):
    threshold = float(np.median([said.confidence for said in by_text]))
    loaded = TwoStageClassifier(replace(world.bundle, escalate_below=threshold), classifier.full_stage,
                                classifier.text_stage, classifier.encoders)  # fmt: skip
    by_bundle = loaded.classify(world.products, world.read)
    assert by_bundle == classifier.classify(world.products, world.read, escalate_below=threshold)


def test_rows_that_cannot_be_classified_keep_their_place_with_the_reason(classifier, world):
    broken = ProductToClassify(2, "x", "leather boot", fault="too many fields")
    untitled = ProductToClassify(3, "y", "  ", "brand 1")
    found = classifier.classify([world.products[0], broken, untitled, world.products[1]], world.read, EVERYTHING)
    assert [(said.stage, said.reason) for said in found[1:3]] == [
        (FAILED, "too many fields"), (FAILED, "missing title"),
    ]  # fmt: skip
    assert [said.confidence for said in found[1:3]] == [0.0, 0.0]
    assert [found[0], found[3]] == classifier.classify(world.products[:2], world.read, EVERYTHING)


def test_no_products_give_no_result(classifier, world):
    assert classifier.classify([], world.read) == []
    assert classifier.classify([ProductToClassify(1, "a")], world.read)[0].stage == FAILED


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 3.6 billion pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [
        struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body)) for body in (header, b"IDAT")
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (b"<html>not found</html>", "web page"),
        (b"", "empty file"),
        (bomb(), "pixels"),
        ("the server said 404", "the server said 404"),
    ],
)
def test_a_product_with_a_broken_picture_is_classified_from_its_text_with_a_note(classifier, world, content, note):
    product = replace(world.products[0], image_ref="broken.png")
    asked = Asked(world, **{"broken.png": content})
    (found,) = classifier.classify([product], asked, EVERYTHING)
    (blind,) = classifier.classify([product], None, EVERYTHING)
    assert found.stage == FULL_STAGE
    assert note in found.note
    assert blind.note == ""
    assert (found.node_ids, found.level_confidences) == (blind.node_ids, blind.level_confidences)


def test_a_product_that_names_no_picture_is_noted_where_there_are_pictures(classifier, world):
    (found,) = classifier.classify([replace(world.products[0], image_ref="")], world.read, EVERYTHING)
    assert found.note == "the row names no picture"


def test_a_broken_picture_changes_nothing_for_its_neighbours(classifier, world):
    asked = Asked(world, **{"1.png": b"broken"})
    whole = classifier.classify(world.products, world.read, EVERYTHING)
    found = classifier.classify(world.products, asked, EVERYTHING)
    assert found[1].note
    assert found[:1] + found[2:] == whole[:1] + whole[2:]


def test_the_same_products_give_the_same_result_again(classifier, world):
    first = classifier.classify(world.products, world.read)
    again = TwoStageClassifier.load(world.bundle)
    again.classify(world.products[:7], world.read)  # what it did before leaves no trace
    assert again.classify(world.products, world.read) == first


def test_many_products_are_classified_part_by_part(classifier, world, monkeypatch):
    whole = classifier.classify(world.products, world.read, EVERYTHING)
    monkeypatch.setattr(two_stage, "CHUNK", 25)
    parts = classifier.classify(world.products, world.read, EVERYTHING)
    assert [said.node_ids for said in parts] == [said.node_ids for said in whole]
    confidences = [said.confidence for said in whole]
    assert [said.confidence for said in parts] == pytest.approx(confidences, abs=2e-3)  # bf16: batches round apart


def test_without_a_text_stage_all_products_are_the_full_stages(classifier, world):
    alone = TwoStageClassifier.load(replace(world.bundle, text_stage=None))
    found = alone.classify(world.products, world.read)
    whole = classifier.classify(world.products, world.read, EVERYTHING)
    assert [said.node_ids for said in found] == [said.node_ids for said in whole]
    assert {(said.stage, said.text_confidence, said.text_node_ids) for said in found} == {(FULL_STAGE, None, ())}


def test_paths_stop_where_the_model_is_less_sure_than_told(classifier, world):
    strict = TwoStageClassifier(replace(world.bundle, stop_below=0.9999), classifier.full_stage,
                                classifier.text_stage, classifier.encoders)  # fmt: skip
    found = strict.classify(world.products, world.read, EVERYTHING)
    assert {len(said.node_ids) for said in found} == {1}
    assert max(len(said.text_node_ids) for said in found) == 2
    assert {said.names for said in found} == {("Shoes",), ("Bags",)}


def test_names_are_those_of_the_present_taxonomy(classifier, world):
    moved = replace(world.bundle, node_paths={"boots": ("Footwear", "Leather", "Boots"), "shoes": ("Footwear",)})
    renamed = TwoStageClassifier(moved, classifier.full_stage, classifier.text_stage, classifier.encoders)
    found = renamed.classify(world.products[:3], world.read, EVERYTHING)
    assert found[0].names == ("Footwear", "Leather", "Boots")
    assert found[2].names == ()  # a node that is nowhere any more


def test_the_time_of_every_part_is_counted(world):
    fresh = TwoStageClassifier.load(world.bundle)
    fresh.classify(world.products, world.read, EVERYTHING)
    parts = {"text encode", "text predict", "pictures", "image encode", "full predict"}
    assert parts == set(fresh.seconds)
    assert all(seconds > 0 for seconds in fresh.seconds.values())


def test_an_exported_bundle_classifies_alike(world, classifier, tmp_path):
    save_bundle(world.bundle, tmp_path / "model")
    away = TwoStageClassifier.load(load_bundle(tmp_path / "model"))
    assert away.classify(world.products, world.read) == classifier.classify(world.products, world.read)


def test_a_stage_or_an_encoder_that_is_not_there_is_refused(world, tmp_path):
    with pytest.raises(ModelNotFoundError):
        TwoStageClassifier.load(replace(world.bundle, text_stage=str(tmp_path)))
    with pytest.raises(EncoderUnavailableError):
        TwoStageClassifier.load(replace(world.bundle, encoders={**world.bundle.encoders, "image": str(tmp_path)}))
    texts = {name: folder for name, folder in world.bundle.encoders.items() if name != "image"}
    with pytest.raises(EncoderUnavailableError, match="image"):
        TwoStageClassifier.load(replace(world.bundle, encoders=texts))
