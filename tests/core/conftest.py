"""What the rooms' tests share."""

from tests.core.inference.stage_world import world

__all__ = ["world"]
