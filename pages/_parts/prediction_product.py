"""What is said of one prediction: the product, where it would go, how sure that is, and why it is worth a look."""

from html import escape

from core.domain.classifier import ReviewState
from core.services.prediction_queue import PredictionItem
from pages._parts.prediction_grid import is_change
from pages._shared import words
from pages._shared.grid import thumb_url


def html(item: PredictionItem) -> str:
    """The prediction as a block of HTML; all text of the catalogue is escaped."""
    return _product(item) + _why(item)


def _product(item: PredictionItem) -> str:
    product = item.product
    url = thumb_url(product.image_hash)
    picture = f'<img src="{escape(url)}" alt="">' if url else '<span class="sw-noimage">no image</span>'
    facts = (product.brand, product.platform, words.price(product.price, product.currency))
    told = " · ".join(escape(text) for text in facts if text)
    lines = "".join(_line(*line) for line in _lines(item))
    return (
        f'<div class="pq-product"><div class="pq-picture">{picture}</div><div class="pq-words">'
        f'<div class="pq-title">{escape(product.title)}</div><div class="sw-quiet pq-told">{told}</div>'
        f"{lines}{_by_text(item)}{_levels(item)}</div></div>"
    )


def _lines(item: PredictionItem) -> list[tuple[str, str, str]]:
    """Label, path and kind of what is said of where the product belongs."""
    now, said = item.current_path, item.predicted_path
    if item.state is not ReviewState.PENDING:
        verb = "accepted" if item.state is ReviewState.ACCEPTED else "corrected"
        by = f"{verb} by {item.decided_by}" if item.decided_by else verb
        return [("now in", now, ""), ("predicted", said, ""), ("", by, "note")]
    if item.keeps_place:
        return [("stays in", now, ""), ("sure of", said, "")]
    if is_change(item):
        if not now:
            return [("new", "", "none"), ("belongs in" if item.is_sure else "perhaps", said, "new")]
        return [("now in", now, ""), ("better in" if item.is_sure else "perhaps", said, "new")]
    return [("stays in" if item.is_sure else "perhaps", said, "")]


def _by_text(item: PredictionItem) -> str:
    """What the text stage alone says, where it says something else."""
    if item.state is not ReviewState.PENDING or not item.text_path or not item.is_disagreement:
        return ""
    return _line("by its text", item.text_path, "text", item.text_confidence)


def _line(label: str, path: str, kind: str, sure: float | None = None) -> str:
    if kind == "note":
        return f'<div class="sw-quiet pq-told">{escape(path)}</div>'
    if kind == "none":
        return f'<div class="pq-line"><span>{escape(label)}</span><div class="sw-quiet">no category yet</div></div>'
    *above, name = path.split(" > ") if path else ["no category"]
    lead = "".join(f"{escape(each)} › " for each in above)
    how_sure = "" if sure is None else f' <em class="sw-quiet">{escape(words.sure(sure))} sure</em>'
    return (
        f'<div class="pq-line {kind}"><span>{escape(label)}</span>'
        f'<div><span class="sw-quiet">{lead}</span><b>{escape(name)}</b>{how_sure}</div></div>'
    )


def _levels(item: PredictionItem) -> str:
    rows = []
    for number, (name, value) in enumerate(zip(item.level_names, item.level_confidences, strict=False), start=1):
        is_given, said = number <= item.n_levels, escape(words.sure(value))
        why, kind = ("", "") if is_given else ("; too unsure to go this far", " faded")
        rows.append(
            f'<div class="pq-level{kind}" title="{escape(name)}: {said} sure{why}"><span>{escape(name)}</span>'
            f'<i><b style="width:{100 * value:.1f}%"></b></i><em>{said}</em></div>'
        )
    return f'<div class="pq-levels">{"".join(rows)}</div>'


def _why(item: PredictionItem) -> str:
    if item.state is not ReviewState.PENDING or not item.why:
        return ""
    reasons = [reason for reason in item.why if not reason.endswith("% sure")]  # the bars above say how sure
    chips = "".join(f"<span>{escape(reason)}</span>" for reason in reasons or item.why)
    return f'<div class="pq-why"><em>Why look</em>{chips}</div>'
