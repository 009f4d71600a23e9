"""Names from a language model behind an OpenAI-compatible endpoint. Off unless configured; worker only."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.errors import AppError

SECONDS = 30.0
LONGEST_NAME = 60
_SYSTEM = """You name groups of products for the curator of a shop's taxonomy. For each numbered group you get typical
titles and words. Answer with one JSON object {"names": {"1": "Sneakers", "2": "..."}} and nothing else: for every
group one short plural noun phrase for the kind of product, in the language of the titles, different from all others,
without brands, sizes or colours."""
_OBJECT = re.compile(r"\{.*\}", re.DOTALL)


class NameEndpointError(AppError):
    """A language model's endpoint that cannot be reached, or whose reply cannot be used."""


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """Where the language model answers. `seconds` is how long one request may take."""

    url: str
    model: str
    key: str = ""
    seconds: float = SECONDS

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "EndpointSettings | None":
        """What `SHELFWISE_LLM_URL`, `_MODEL`, `_KEY` and `_SECONDS` say; None unless the first two are set.

        Raises:
            NameEndpointError: If the seconds are no positive number.
        """
        url, model = (environment.get(f"SHELFWISE_LLM_{part}", "").strip() for part in ("URL", "MODEL"))
        if not url or not model:
            return None
        said = environment.get("SHELFWISE_LLM_SECONDS", "").strip()
        try:
            seconds = float(said or SECONDS)
        except ValueError:
            seconds = 0.0
        if not 0 < seconds < float("inf"):
            raise NameEndpointError(
                f"SHELFWISE_LLM_SECONDS expected a positive number, got '{said}'.", "Set it to 30, or leave it out."
            )
        return cls(url, model, environment.get("SHELFWISE_LLM_KEY", "").strip(), seconds)


@dataclass(frozen=True, slots=True)
class GroupToName:
    """What a language model is told of a cluster: the most typical titles, and words that tell it from the others."""

    titles: tuple[str, ...]
    keywords: tuple[str, ...]


def ask_for_names(settings: EndpointSettings, category: str, groups: Sequence[GroupToName]) -> list[str | None]:
    """Ask once for the names of sibling clusters.

    Args:
        settings: Where to ask. The titles leave this machine for there.
        category: Path of the category they are in, for people.
        groups: The clusters.

    Returns:
        A name per group, None where the reply has none that can be used. No two are the same.

    Raises:
        NameEndpointError: If the endpoint does not answer in time, refuses, or replies with something else than names.
    """
    import openai

    client = openai.OpenAI(
        base_url=settings.url, api_key=settings.key or "none", timeout=settings.seconds, max_retries=0
    )
    try:
        with client:
            reply = client.chat.completions.create(
                model=settings.model,
                messages=[
                    {"role": "system", "content": _SYSTEM},
                    {"role": "user", "content": _question(category, groups)},
                ],
                response_format={"type": "json_object"},
                temperature=0,
                seed=0,
            )
            text = reply.choices[0].message.content or ""
    except openai.APITimeoutError as error:
        raise NameEndpointError(
            f"{settings.model} did not answer within {settings.seconds:g} s.", "Set SHELFWISE_LLM_SECONDS higher."
        ) from error
    except openai.OpenAIError as error:
        raise NameEndpointError(
            f"{settings.model} could not be asked: {_reason(error)}.", "Check SHELFWISE_LLM_URL and its server."
        ) from error
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise _unusable(settings, "its reply is no chat completion") from error
    return _names(settings, text, len(groups))


def _question(category: str, groups: Sequence[GroupToName]) -> str:
    told = {
        str(number): {"titles": list(group.titles), "words": list(group.keywords)}
        for number, group in enumerate(groups, 1)
    }
    return json.dumps({"category": category, "groups": told}, ensure_ascii=False)


def _names(settings: EndpointSettings, text: str, n_groups: int) -> list[str | None]:
    found = _OBJECT.search(text)
    try:
        answered: Any = json.loads(found.group())["names"] if found else None
    except (ValueError, KeyError, TypeError):
        answered = None
    if not isinstance(answered, dict):
        raise _unusable(settings, f"expected a JSON object with 'names', got {text[:60]!r}")
    names: list[str | None] = []
    taken: set[str] = set()
    for number in range(1, n_groups + 1):
        name = answered.get(str(number))
        is_usable = isinstance(name, str) and _is_name(name) and name.strip().casefold() not in taken
        names.append(name.strip() if is_usable else None)
        taken.update([] if names[-1] is None else [names[-1].casefold()])
    if not taken:
        raise _unusable(settings, "no name in it can be used")
    return names


def _is_name(name: str) -> bool:
    return 0 < len(name.strip()) <= LONGEST_NAME and name.strip().isprintable() and ">" not in name


def _unusable(settings: EndpointSettings, why: str) -> NameEndpointError:
    return NameEndpointError(f"The reply of {settings.model} cannot be used: {why}.", "Choose another model.")


def _reason(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")[:200] if str(error).strip() else type(error).__name__
