"""Tables for the tests of batches, and a progress that remembers."""

import csv

from core.domain.errors import JobCancelledError

HEADER = ["product_id", "title", "brand", "description", "image"]


def row_of(product):
    """A product as a row of a file."""
    return [product.product_id, product.title, product.brand, product.description, product.image_ref]


def write_csv(path, rows, header=None):
    """Write a CSV and return its path."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(header or HEADER)
        writer.writerows(rows)
    return path


def read_csv(path, delimiter=","):
    """Rows as dictionaries, of a path or an open file."""
    stream = path.open(newline="", encoding="utf-8") if hasattr(path, "open") else path
    with stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


class Messages:
    """Remembers what it is told; cancels at the message that begins as given."""

    def __init__(self, cancel_at=None):
        self.messages, self._cancel_at = [], cancel_at

    def report(self, fraction, message="", **metrics):
        self.messages.append(message)
        if self._cancel_at and message.startswith(self._cancel_at):
            raise JobCancelledError


class CancelWhen:
    """Cancels as soon as a condition holds."""

    def __init__(self, condition):
        self._condition = condition

    def report(self, fraction, message="", **metrics):
        if self._condition():
            raise JobCancelledError
