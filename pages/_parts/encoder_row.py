"""One encoder: what it is good for, whether it can be used, what it takes."""

import re
from html import escape

from core.services.encoders import EncoderState, EncoderStatus

READS = {"image": "images", "text": "titles", "image and text": "images and titles"}


def row(status: EncoderStatus) -> str:
    """The encoder as HTML for a list of them."""
    card = status.card
    facts = (f"Reads {READS[card.modality]}", f"{card.size} on disk", f"Licence: {card.licence}")
    return (
        f'<div class="sw-encoder"><div><b>{escape(card.title)}</b><code>{escape(card.name)}</code>'
        f"<p>{_text(card.description)}</p></div>"
        f"<div>{_state(status)}</div><div>{'<br>'.join(map(escape, facts))}</div>{_help(status)}</div>"
    )


def _state(status: EncoderStatus) -> str:
    word = str(status.state)
    mark = f'<div class="sw-state sw-state-{word.partition(" ")[0]}">{escape(word.capitalize())}</div>'
    if status.state is EncoderState.TRAINED:
        return f'{mark}<div class="sw-quiet">on {escape(status.detail)}</div>'
    if status.card.is_family:
        return mark + "".join(f"<div><code>{escape(name)}</code></div>" for name in status.names)
    return mark


def _help(status: EncoderStatus) -> str:
    if status.is_usable:
        return ""
    return f"<details><summary>Where to put the weights</summary>{_text(status.remedy)}</details>"


def _text(text: str) -> str:
    """Plain text with `names` set apart."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
