"""How much memory a stretch of this process takes at most."""

import gc
import threading
from typing import Self

import psutil

SAMPLE_EVERY_S = 0.02


class PeakMemory:
    """Watches the resident memory of this process while the context is open. `gib` holds the most that was seen."""

    def __init__(self) -> None:
        self.gib = 0.0
        self._done = threading.Event()
        self._process = psutil.Process()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        gc.collect()  # what an earlier cell left behind is not this one's
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *fault: object) -> None:
        self._done.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._done.wait(SAMPLE_EVERY_S):
            self._look()

    def _look(self) -> None:
        self.gib = max(self.gib, self._process.memory_info().rss / 2**30)
