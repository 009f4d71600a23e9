import pytest

from core.encoders.choose import FASHION, choose_encoders, max_images

CLIP = "clip:ViT-B-32/laion2b_s34b_b79k"
HUGE = "clip:ViT-bigG-14/laion2b_s39b_b160k"


def choose(n_images, *at_hand, n_cores=2, has_gpu=False):
    return choose_encoders(n_images, at_hand, n_cores=n_cores, has_gpu=has_gpu)


def test_without_weights_the_titles_teach_the_images():
    choice = choose(35_257)
    assert (choice.image_encoder, choice.text_encoder) == ("aligned", "tfidf")
    assert "No pretrained CLIP model" in choice.reasons[0]


def test_without_images_titles_alone_decide():
    choice = choose(0, FASHION)
    assert choice.image_encoder is None
    assert "titles alone" in choice.reasons[0]


def test_fashion_weights_come_before_others():
    assert choose(500, CLIP, FASHION).image_encoder == FASHION
    assert choose(500, CLIP).image_encoder == CLIP


def test_a_large_catalogue_on_a_cpu_gets_the_largest_model_it_can_wait_for():
    limit_of_clip, limit_of_fashion = max_images(CLIP, 2), max_images(FASHION, 2)
    assert limit_of_clip == 48_000  # ten minutes at the measured 80 images a second
    assert limit_of_fashion < limit_of_clip
    assert choose(limit_of_fashion, CLIP, FASHION).image_encoder == FASHION
    assert choose(limit_of_fashion + 1, CLIP, FASHION).image_encoder == CLIP
    choice = choose(limit_of_clip + 1, CLIP, FASHION)
    assert choice.image_encoder == "aligned"
    assert any(f"{limit_of_clip:,}" in reason and CLIP in reason for reason in choice.reasons)


def test_a_gpu_sets_no_limit():
    choice = choose(1_000_000, HUGE, FASHION, has_gpu=True)
    assert choice.image_encoder == FASHION
    assert "GPU" in choice.reasons[0]


def test_more_cores_take_more_images():
    assert max_images(CLIP, 32) == 16 * max_images(CLIP, 2)
    assert max_images(HUGE, 2) <= 400


@pytest.mark.parametrize("other", ["roberta", "hf-text:sentence-transformers/all-MiniLM-L6-v2"])
def test_other_text_encoders_at_hand_are_named_and_not_taken(other):
    choice = choose(10, other)
    assert choice.text_encoder == "tfidf"
    assert other in choice.reasons[-1]


def test_every_reason_is_a_sentence():
    for choice in (
        choose(0),
        choose(10, CLIP),
        choose(10**6, CLIP, FASHION, "roberta"),
        choose(10, CLIP, has_gpu=True),
    ):
        assert all(reason.rstrip().endswith(".") for reason in choice.reasons)
        assert len(choice.reasons) >= 2
