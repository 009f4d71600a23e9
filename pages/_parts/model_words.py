"""What is said of a classifier, in the words of those who use it."""

from core.domain.classifier import Fusion, HierarchicalMetrics, ModelStatus, ModelVersion
from pages._shared import words

STATUS_NAMES = {ModelStatus.ACTIVE: "in use", ModelStatus.CANDIDATE: "candidate", ModelStatus.RETIRED: "retired"}
STATUS_COLOURS = {ModelStatus.ACTIVE: "green", ModelStatus.CANDIDATE: "blue", ModelStatus.RETIRED: "gray"}
MODALITIES = {"title": "Title", "brand": "Brand", "description": "Description", "image": "Image"}
FUSION_NAMES = {Fusion.EARLY: "All together", Fusion.LATE: "Each on its own first", Fusion.ATTENTION: "Side by side"}
FUSION_HINTS = {
    Fusion.EARLY: "Titles and images go in as one (early fusion). Quick; often good on shops it has never seen.",
    Fusion.LATE: "What each says is worked out first, then weighed (late fusion). The best choice as a rule.",
    Fusion.ATTENTION: "Each is read in the light of the others (attention). Slower; may help on large catalogues.",
}
FIGURES = (
    ("Overall (hF1)", "hierarchical_f1", "How much of each path is right: precision and recall over all its levels."),
    ("Precision (hP)", "hierarchical_precision", "Of the categories it gives a product, the share that is right."),
    ("Recall (hR)", "hierarchical_recall", "Of the categories a product has, the share that it finds."),
    ("Whole path right", "exact_path_accuracy", "Products whose path is right to the last level."),
)
F1_HELP = "The balance of precision and recall: 100 % where it finds all products of the category and no others."


def title(model: ModelVersion) -> str:
    """A model in a list to choose from."""
    score = words.percent(model.metrics.hierarchical_f1, 1)
    return f"Model {model.id} · {score} · {fusion(model)}"  # nothing that changes: a list keeps what it showed


def measured_on(model: ModelVersion) -> str:
    """On how many products its figures were measured, and how far chance alone could move them."""
    count = words.count(model.metrics.n_products, "product")
    return f"Measured on {count} it never saw; others could give up to {chance(model.metrics):.1f} points more or less."


def chance(metrics: HierarchicalMetrics) -> float:
    """Half the width of the 95 % interval of the share of paths that are right, in points; 0 where nothing was tested.

    Source:
        Agresti and Coull 1998, https://doi.org/10.1080/00031305.1998.10480550
    """
    if not metrics.n_products:
        return 0.0
    n = metrics.n_products + 4
    share = (metrics.exact_path_accuracy * metrics.n_products + 2) / n
    return 196 * (share * (1 - share) / n) ** 0.5


def fusion(model: ModelVersion) -> str:
    """How its modalities meet."""
    name = model.config.get("parameters", {}).get("fusion", Fusion.LATE)
    return f"{name} fusion"


def fusion_in_words(model: ModelVersion) -> str:
    """How its modalities meet, as the options of a training call it."""
    name = Fusion(model.config.get("parameters", {}).get("fusion", Fusion.LATE))
    return f"{FUSION_NAMES[name].lower()} ({name} fusion)"


def modalities(model: ModelVersion) -> tuple[str, ...]:
    """What it reads of a product."""
    read = model.config.get("modalities") or model.config.get("encoders") or ()
    return tuple(name for name in MODALITIES if name in read)


def points(difference: float) -> str:
    """A difference of two shares, such as `+1.2 points`; "no change" where it rounds to nothing."""
    said = f"{100 * difference:+.1f} points"
    return "no change" if said in ("+0.0 points", "-0.0 points") else said


def delta_style(said: str | None) -> dict[str, str]:
    """How a metric shows a difference: without colour or arrow where nothing changed."""
    is_same = said == "no change"
    return {"delta_color": "off" if is_same else "normal", "delta_arrow": "off" if is_same else "auto"}
