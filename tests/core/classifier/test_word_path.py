import torch

from core.classifier.word_path import WordPath


def filled(word_dropout: float = 0.0) -> WordPath:
    path = WordPath(12, (2, 3), word_dropout)
    with torch.no_grad():
        path.weights.weight.copy_(torch.arange(60.0).reshape(12, 5))
        path.weights.weight[0] = 0
    return path.eval()


def test_weights_of_the_words_are_summed_and_divided_by_the_root_of_their_number():
    path = filled()
    ids = torch.tensor([[3.0, 5.0, 0.0], [0.0, 0.0, 0.0], [11.0, 1.0, 2.0]])
    for row, found in zip(ids, torch.cat(path(ids), dim=1), strict=True):
        words = [int(word) for word in row if word]
        slow = sum((path.weights.weight[word] for word in words), torch.zeros(5)) / max(len(words), 1) ** 0.5
        assert torch.allclose(found, slow)


def test_each_level_gets_its_share():
    first, second = filled()(torch.tensor([[4.0]]))
    assert first.tolist() == [[20, 21]]
    assert second.tolist() == [[22, 23, 24]]


def test_an_untrained_path_says_nothing():
    assert not torch.cat(WordPath(9, (2, 2), 0.1)(torch.ones(3, 4)), dim=1).any()


def test_words_are_dropped_in_training_only():
    path = filled(word_dropout=0.5)
    ids = torch.arange(1.0, 11.0).repeat(50, 1)
    still = torch.cat(path(ids), dim=1)
    assert torch.equal(still[0], still[1])
    path.train()
    assert len(torch.cat(path(ids), dim=1).unique(dim=0)) > 10


def test_only_words_of_the_batch_get_a_gradient():
    path = WordPath(12, (2, 3), 0.0)
    sum(level.square().sum() + level.sum() for level in path(torch.tensor([[3.0, 7.0]]))).backward()
    gradient = path.weights.weight.grad.to_dense()
    assert gradient.any(dim=1).nonzero()[:, 0].tolist() == [3, 7]
