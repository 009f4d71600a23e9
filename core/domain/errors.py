"""Faults a person can act on: every one says what happened and what to do next."""


class AppError(Exception):
    """A fault with a message for people and one action that mends it.

    Args:
        message: What was expected, what came, and where.
        remedy: The one thing to do next.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}"


class CatalogueFormatError(AppError):
    """A catalogue file that cannot be read as a table, or lacks a required column."""


class UnsafeArchiveError(AppError):
    """An archive whose members would leave its folder, or unpack to an unreasonable size."""


class ImageError(AppError):
    """Bytes that are not a picture, or a picture too large to decode safely."""


class ImageTooLargeError(ImageError):
    """A picture with more pixels or bytes than can be decoded safely."""


class CategoryNotFoundError(AppError):
    """A category path that the taxonomy does not hold."""


class NodeNotFoundError(AppError):
    """A node id that the taxonomy does not hold."""


class TaxonomyError(AppError):
    """An operation that would break the tree: a cycle, a second root, two siblings of one name."""


class ReferenceFormatError(AppError):
    """A file that is no reference taxonomy, or one whose tree has holes."""


class StaleRevisionError(AppError):
    """Someone else changed the object since it was read."""


class TooFewProductsError(AppError):
    """Fewer products than an algorithm needs to say anything."""


class ParameterError(AppError):
    """A setting of a run that has no such choice."""


class RunNotFoundError(AppError):
    """A discovery run that does not exist."""


class RunNotReadyError(AppError):
    """A discovery run that has not finished, or was superseded."""


class EncoderUnavailableError(AppError):
    """An encoder that is unknown, or whose weights are not at hand."""


class TrainingDataError(AppError):
    """Labels that cannot train a classifier: one class, or none."""


class ModelNotFoundError(AppError):
    """No trained classifier with this id, or none at all."""


class JobNotFoundError(AppError):
    """A job that does not exist, or cannot do what was asked in its state."""


class ShapeError(AppError):
    """Arrays whose shapes do not fit each other."""


class JobCancelledError(Exception):
    """Raised inside a long run when somebody pressed Cancel. Not a fault."""
