import torch

from core.classifier.modality_branch import ModalityScale, is_present


def test_scaled_embeddings_are_centred_with_one_mean_square():
    image = torch.randn(50, 12) * torch.linspace(1, 5, 12) + 7
    scale = ModalityScale(12)
    scale.fit_scale(image)
    scaled = scale(image, torch.ones(50, dtype=torch.bool))
    torch.testing.assert_close(scaled.mean(dim=0), torch.zeros(12), atol=1e-5, rtol=0)
    torch.testing.assert_close(scaled.square().mean(), torch.ones(()))
    assert scaled[:, -1].std() > 2 * scaled[:, 0].std()  # dimensions keep their proportions


def test_products_without_the_modality_do_not_move_its_scale():
    image = torch.randn(50, 12) * 3 + 7
    whole, gappy = ModalityScale(12), ModalityScale(12)
    whole.fit_scale(image)
    gappy.fit_scale(torch.cat([image, torch.zeros(40, 12)]))
    torch.testing.assert_close(gappy.centre, whole.centre)
    torch.testing.assert_close(gappy.scale, whole.scale)


def test_embeddings_without_spread_are_scaled_to_zero():
    scale = ModalityScale(3)
    scale.fit_scale(torch.ones(4, 3))
    assert (scale(torch.ones(4, 3), torch.ones(4, dtype=torch.bool)) == 0).all()


def test_a_modality_is_present_unless_all_zero():
    assert is_present(torch.tensor([[0.0, 0.0], [0.0, -1.0]])).tolist() == [False, True]
