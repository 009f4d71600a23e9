import torch

from core.classifier.late_fusion import LateFusion


def test_a_missing_modality_contributes_only_its_flag():
    torch.manual_seed(0)
    fusion = LateFusion({"image": 12, "title": 8}, 16, 32)
    image, title = torch.randn(6, 12), torch.randn(6, 8)
    fusion.fit_scale({"image": image + 5, "title": title})
    without = fusion({"image": torch.zeros(6, 12), "title": title})
    hidden = fusion.branches[1](title, torch.ones(6, dtype=torch.bool))
    flags = torch.tensor([0.0, 1.0]).expand(6, 2)
    expected = torch.relu(fusion.joint(torch.cat([torch.zeros(6, 16), hidden, flags], dim=1)))
    torch.testing.assert_close(without, expected)
