"""What is known of a trained classifier, read from the files beside it."""

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa

from core.classifier.held_out import SPLIT_FILE, TEST_FILE, HeldOut, read_held_out
from core.classifier.report_file import METRICS_FILE, report_from_dict
from core.domain.errors import ModelNotFoundError
from core.domain.model_report import TestReport
from core.services.context import Context
from core.services.models import get_model


def model_report(context: Context, model_id: int) -> TestReport | None:
    """Everything measured on the test part of a classifier.

    Returns:
        None where the classifier is older than reports, or its files are gone.

    Raises:
        ModelNotFoundError: If there is no such classifier, or its report is damaged.
    """
    file_path = _folder(context, model_id) / METRICS_FILE
    try:
        return report_from_dict(json.loads(file_path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(file_path, error) from error


def held_out(context: Context, model_id: int) -> pd.DataFrame:
    """What a classifier said of each product of its test part.

    Returns:
        Columns `product_id`, `platform`, `true_path` and `predicted_path` (tuples of node ids from below the root, in
        terms of the taxonomy version it was trained on), `level_confidences` (a tuple) and `confidence`; no rows where
        the classifier is older than this table, or its files are gone.

    Raises:
        ModelNotFoundError: If there is no such classifier, or its table is damaged.
    """
    file_path = _folder(context, model_id) / TEST_FILE
    try:
        found = read_held_out(file_path)
    except FileNotFoundError:
        found = HeldOut((), (), (), ())
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise _damaged(file_path, error) from error
    return pd.DataFrame(
        {
            "product_id": pd.Series(found.product_ids, dtype="int64"),
            "platform": pd.Series(found.platforms, dtype="object"),
            "true_path": pd.Series(found.true_paths, dtype="object"),
            "predicted_path": pd.Series([each.node_ids for each in found.predicted], dtype="object"),
            "level_confidences": pd.Series([each.level_confidences for each in found.predicted], dtype="object"),
            "confidence": pd.Series([each.confidence for each in found.predicted], dtype="float64"),
        }
    )


def taught_by(context: Context, model_id: int) -> frozenset[int]:
    """Ids of the products that a classifier learned from; it is surer of these than of any other.

    Returns:
        None of them where the classifier is older than this list, or its files are gone.

    Raises:
        ModelNotFoundError: If there is no such classifier, or its list is damaged.
    """
    file_path = _folder(context, model_id) / SPLIT_FILE
    try:
        return frozenset(json.loads(file_path.read_text(encoding="utf-8"))["train"])
    except FileNotFoundError:
        return frozenset()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(file_path, error) from error


def _folder(context: Context, model_id: int) -> Path:
    return context.workspace.models / get_model(context, model_id).artefact_path


def _damaged(file_path: Path, error: Exception) -> ModelNotFoundError:
    return ModelNotFoundError(f"{file_path} cannot be read: {error}.", "Train again, or choose another model.")
