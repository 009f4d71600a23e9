"""What each experiment asks, and which published table it lays out again. Light to import."""

from dataclasses import dataclass

from core.domain.errors import ParameterError

GROSS = "Gross et al. 2025, https://arxiv.org/abs/2508.20013"
OZYEGEN = "Ozyegen et al. 2022 (dynamic masking)"
WIROJWATANAKUL = "Wirojwatanakul and Wangperawong 2019, https://arxiv.org/abs/1907.00420"
BI = "Bi et al. 2020, https://arxiv.org/abs/2008.06179"
CUI = "Cui et al. 2019, https://arxiv.org/abs/1901.05555"
MENON = "Menon et al. 2021, https://arxiv.org/abs/2007.07314"


@dataclass(frozen=True, slots=True)
class ExperimentCard:
    """What a person needs to know to choose an experiment.

    `question` is what it answers, `table` which table comes of it, `source` who published that.
    """

    name: str
    title: str
    question: str
    table: str
    source: str


CARDS = (
    ExperimentCard(
        "flat",
        "Encoders alone",
        "Which encoder tells the categories apart best, with nothing but a linear layer behind it?",
        "Table I: one row per encoder",
        GROSS,
    ),
    ExperimentCard(
        "fusion",
        "Ways to join text and image",
        "Do text and image together beat either alone, and how should they meet?",
        "Table II: unimodal, early, late and attention fusion, and HiClass as a peer",
        GROSS,
    ),
    ExperimentCard(
        "cross-platform",
        "Shops never seen",
        "How well does a classifier that learned from some shops sort the products of all others?",
        "Table III: trained on some platforms, tested on the others",
        GROSS,
    ),
    ExperimentCard(
        "decision-fusion",
        "Votes of classifiers",
        "Is it enough to train one classifier per modality and to join their answers?",
        "Policies of joining, with and without dubious labels; multi-class and multi-label",
        f"{WIROJWATANAKUL}; {BI}",
    ),
    ExperimentCard(
        "masking",
        "Only children of the parent",
        "What does it bring that a child can follow its own parent only?",
        "With and without the mask, level by level and over whole paths",
        OZYEGEN,
    ),
    ExperimentCard(
        "imbalance",
        "Rare categories",
        "Which correction for rare categories helps them without harming the rest?",
        "No correction, effective numbers, adjusted logits",
        f"{CUI}; {MENON}",
    ),
    ExperimentCard(
        "recategorization",
        "Clusters before and after retraining",
        "Are clusters purer once a classifier that learned them has sorted the whole category?",
        "Purity before and after retraining, filtered-out images included",
        GROSS,
    ),
)


def find_experiment_card(name: str) -> ExperimentCard:
    """The card of an experiment.

    Raises:
        ParameterError: If there is none; lists the valid names.
    """
    for card in CARDS:
        if card.name == name:
            return card
    raise ParameterError(
        f"There is no experiment {name!r}.", f"Choose one of: {', '.join(card.name for card in CARDS)}."
    )
