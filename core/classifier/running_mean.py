"""Mean weights of the last steps of a training: what it settles around, rather than where it happens to be."""

import math

from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

_MOST_STEPS_APART = 4
_FEWEST_UPDATES = 8


class RunningMean(AveragedModel):
    """An exponential mean over a model's weights and running statistics. `module` is the model with mean weights.

    Args:
        model: Whose weights; they are where the mean begins.
        n_epochs: How far back the mean reaches: a step so many epochs ago counts 1/e of the newest.
        n_steps: Steps of an epoch.

    Source:
        Izmailov et al. 2018, https://arxiv.org/abs/1803.05407 (averaging weights)
    """

    def __init__(self, model: nn.Module, n_epochs: float, n_steps: int) -> None:
        # A mean of every fourth step is as good at a quarter of the cost, where there are many.
        interval = max(1, min(_MOST_STEPS_APART, n_steps // _FEWEST_UPDATES))
        kept = math.exp(-interval / (n_epochs * n_steps))
        super().__init__(model, multi_avg_fn=get_ema_multi_avg_fn(kept), use_buffers=True)
        self.interval = interval

    def follow(self, model: nn.Module, step: int) -> None:
        """Take the weights after a step into the mean, where it is this step's turn.

        Args:
            model: The model, as it is after the step.
            step: Number of the step in its epoch, from 1.
        """
        if step % self.interval == 0:
            self.update_parameters(model)
