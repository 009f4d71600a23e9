import torch

from core.classifier.early_fusion import EarlyFusion


def test_scaled_embeddings_and_flags_lie_side_by_side():
    torch.manual_seed(0)
    fusion = EarlyFusion({"title": 8, "image": 12}, 32).eval()
    image, title = torch.randn(6, 12) + 5, torch.randn(6, 8)
    fusion.fit_scale({"image": image, "title": title})
    without_title = title.clone()
    without_title[:2] = 0.0
    scaled_image = (image - image.mean(dim=0)) / (image - image.mean(dim=0)).square().mean().sqrt()
    scaled_title = (title - title.mean(dim=0)) / (title - title.mean(dim=0)).square().mean().sqrt()
    has_title = torch.tensor([0.0, 0.0, 1.0, 1.0, 1.0, 1.0])[:, None]
    inputs = torch.cat([scaled_image, scaled_title * has_title, torch.ones(6, 1), has_title], dim=1)
    expected = torch.relu(inputs @ fusion.joint.weight.T + fusion.joint.bias)
    torch.testing.assert_close(fusion({"image": image, "title": without_title}), expected)
