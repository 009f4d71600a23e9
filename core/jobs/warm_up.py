"""Loads the heavy libraries while the worker waits, so that the first job does not."""

import logging
import threading

logger = logging.getLogger(__name__)

_threads: list[threading.Thread] = []


def start_warm_up() -> None:
    """Begin to import what jobs compute with, in a thread."""
    thread = threading.Thread(target=_import, name="warm-up", daemon=True)
    _threads.append(thread)
    thread.start()


def wait_until_warm() -> None:
    """Return once the warm-up is over; at once where none was started.

    Two threads that import the same libraries at one time can meet modules that are only half there.
    """
    for thread in _threads:
        thread.join()


def _import() -> None:
    import lightly
    import torch
    import umap

    logger.info("ready: torch %s, lightly %s, umap %s", torch.__version__, lightly.__version__, umap.__version__)
