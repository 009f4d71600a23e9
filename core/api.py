"""Shelfwise from Python: load a model, classify a DataFrame. The README shows it in a few lines."""

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from core.catalogue.clean import clean_rows
from core.catalogue.columns import check_mapping, suggest_mapping
from core.domain.classified import ClassifiedProduct, ProductToClassify
from core.domain.errors import CatalogueFormatError, ModelNotFoundError, ParameterError
from core.domain.escalation import check_threshold
from core.domain.product import Offer, format_path
from core.domain.workspace import Workspace
from core.inference.batch_pictures import PictureChoice, open_pictures
from core.inference.bundle import ModelBundle, load_bundle
from core.inference.two_stage import TwoStageClassifier

_ROW = "(row)"
_TEXTS = ("title", "brand", "description", "image")


class LoadedModel:
    """A classifier ready for use. Made by `load_model`.

    Args:
        bundle: What was loaded.
    """

    def __init__(self, bundle: ModelBundle) -> None:
        self.bundle = bundle
        self._classifier = TwoStageClassifier.load(bundle)

    def classify(
        self, frame: pd.DataFrame, images: str | Path | None = None, escalate_below: float | None = None
    ) -> pd.DataFrame:
        """The category of every product of a table.

        Columns are recognised by their names, as in an import: a title is needed; brand, description and image help.
        Pictures are read only of those products of which the text stage is not sure enough. A product whose picture
        is missing or broken is classified by its text.

        Args:
            frame: One product per row.
            images: Folder or zip of the pictures that the table's image column names; None classifies by text alone.
            escalate_below: Products of which the text stage is less sure are looked at by the full model: 0 for none,
                more than 1 for all; None does as the model was set.

        Returns:
            One row per product with the index of `frame`: `path` (such as "Shoes > Boots", '' for a product that
            could not be classified), `confidence` in [0, 1], `stage` (1 by text, 2 by the full model, 0 not at all),
            `level_1` and so on, `reason` why it could not be classified, `note` what was missing.

        Raises:
            CatalogueFormatError: If there is no title among the columns, or the pictures cannot be opened.
            ParameterError: If `escalate_below` is no such number.
        """
        check_threshold(escalate_below)
        products = _products(frame, needs_images=images is not None)
        with open_pictures(PictureChoice(None if images is None else str(images))) as pictures:
            classified = self._classifier.classify(products, pictures, escalate_below)
        return _result(classified, frame.index, self.bundle.n_levels)

    def describe(self) -> str:
        """What the model knows and how it decides, in a few lines for people."""
        bundle = self.bundle
        return "\n".join([
            f"Model {bundle.model_id}, trained on taxonomy version {bundle.taxonomy_version}",
            f"{self.n_categories} categories on {bundle.n_levels} levels",
            f"reads {', '.join(sorted(bundle.encoders))}",
            f"stages: {_stages(bundle)}",
            f"stops at the parent below {bundle.stop_below:g}" if bundle.stop_below else "always gives a whole path",
        ])  # fmt: skip

    @property
    def n_categories(self) -> int:
        """Different paths that it can give."""
        return len({path for path in self.bundle.node_paths.values() if path})

    def __repr__(self) -> str:
        return f"<LoadedModel {self.bundle.model_id}: {self.n_categories} categories, {_stages(self.bundle)}>"


def load_model(folder: str | Path | None = None, *, model_id: int | None = None) -> LoadedModel:
    """Load a classifier.

    Args:
        folder: Where `python -m core models export` put one; None takes one of the workspace that `SHELFWISE_HOME`
            names.
        model_id: Which one of the workspace; None takes the one in use, or the newest where none was promoted.

    Raises:
        ModelNotFoundError: If there is no such model, or it is damaged.
        EncoderUnavailableError: If an encoder of it is missing or damaged.
        ParameterError: If both a folder and a model of the workspace are asked for.
    """
    if folder is None:
        return LoadedModel(_bundle_of_workspace(model_id))
    if model_id is not None:
        raise ParameterError("An exported folder holds one model, so none can be chosen.", "Leave out model_id.")
    return LoadedModel(load_bundle(Path(folder).expanduser()))


def _bundle_of_workspace(model_id: int | None) -> ModelBundle:
    from core.services.context import open_context
    from core.services.model_bundle import bundle_of

    workspace = Workspace.from_environment(os.environ)
    if workspace.database_url_override is None and not (workspace.home / "shelfwise.db").exists():
        # opening a workspace makes it, and a mistyped name had better not
        raise ModelNotFoundError(
            f"There is no workspace in {workspace.home}.",
            "Set SHELFWISE_HOME to the workspace's folder, or pass the folder of an exported model.",
        )
    context = open_context(workspace)
    try:
        return bundle_of(context, model_id)
    finally:
        context.database.engine.dispose()


def _products(frame: pd.DataFrame, needs_images: bool) -> list[ProductToClassify]:
    if not isinstance(frame, pd.DataFrame):
        raise CatalogueFormatError(f"Expected a pandas DataFrame, got {type(frame).__name__}.", "Pass a DataFrame.")
    columns = [str(column) for column in frame.columns]
    if len(set(columns)) < len(columns):
        raise CatalogueFormatError("Two columns of the table have the same name.", "Rename one of them.")
    mapping = suggest_mapping(columns)
    if "title" not in mapping:
        check_mapping({}, columns, require_category=False)
    if needs_images and "image" not in mapping:
        raise CatalogueFormatError(
            f"Pictures were given, but no column names them. The table has: {', '.join(columns)}.",
            "Name the column with the pictures' file names 'image'.",
        )
    # rows are known by their number here, so that none counts as another's duplicate
    cells = {name: _texts(frame.iloc[:, columns.index(mapping[name])]) for name in _TEXTS if name in mapping}
    table = pd.DataFrame({**cells, _ROW: [str(row) for row in range(1, len(frame) + 1)]}, dtype=str)
    outcomes = clean_rows(table, {**{name: name for name in cells}, "product_id": _ROW}, "", require_category=False)
    return [_product(row, outcome) for row, outcome in enumerate(outcomes, start=1)]


def _product(row: int, outcome: object) -> ProductToClassify:
    if not isinstance(outcome, Offer):
        return ProductToClassify(row, str(row))  # without a title
    return ProductToClassify(row, str(row), outcome.title, outcome.brand, outcome.description, outcome.image_ref or "")


def _texts(column: pd.Series) -> list[str]:
    return ["" if is_missing else str(value) for value, is_missing in zip(column, column.isna(), strict=True)]


def _result(classified: Sequence[ClassifiedProduct], index: pd.Index, n_levels: int) -> pd.DataFrame:
    levels = {
        f"level_{level + 1}": [said.names[level] if level < len(said.names) else "" for said in classified]
        for level in range(n_levels)
    }
    columns = {
        "path": [format_path(said.names) for said in classified],
        "confidence": pd.array([said.confidence for said in classified], dtype="float64"),
        "stage": pd.array([said.stage for said in classified], dtype="int64"),
        **levels,
        "reason": [said.reason for said in classified],
        "note": [said.note for said in classified],
    }
    return pd.DataFrame(columns, index=index)


def _stages(bundle: ModelBundle) -> str:
    if bundle.text_stage is None:
        return "one, the full model"
    if bundle.escalate_below is None:
        return "text, then the full model for all"
    return f"text, then the full model where the text stage is less than {100 * bundle.escalate_below:.4g} % sure"
