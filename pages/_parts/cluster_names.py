"""How a cluster is called on the page, and the keys of the fields that hold its name."""

import streamlit as st

from core.domain.discovery import Cluster, NameSource, NameSuggestion
from pages._shared import words

SOURCE_ICONS = {
    NameSource.WORDS: ":material/title:",
    NameSource.REFERENCE: ":material/menu_book:",
    NameSource.APPROVED: ":material/verified:",
    NameSource.CURATOR: ":material/person:",
    NameSource.LANGUAGE_MODEL: ":material/auto_awesome:",
}
SOURCE_NAMES = {
    NameSource.WORDS: "From the titles",
    NameSource.REFERENCE: "From a reference taxonomy",
    NameSource.APPROVED: "An approved name",
    NameSource.CURATOR: "Named by hand",
    NameSource.LANGUAGE_MODEL: "From a language model",
}


def name_key(cluster: Cluster) -> str:
    """Key of the field that holds the cluster's name; a name that somebody else gave it starts it afresh."""
    return f"name_{cluster.id}_{cluster.name}"


def shown_name(cluster: Cluster) -> str:
    """The name in the field: the curator's, or the best suggestion."""
    return cluster.name or (cluster.suggested_names[0] if cluster.suggested_names else "")


def typed_name(cluster: Cluster) -> str:
    """What the field holds now."""
    return str(st.session_state.get(name_key(cluster)) or shown_name(cluster)).strip()


def label(cluster: Cluster) -> str:
    """How a cluster is called in lists."""
    return shown_name(cluster) or f"Cluster {cluster.number}"


def evidence_text(suggestion: NameSuggestion) -> str:
    """What speaks for a name, safe for a tooltip."""
    said = words.plain(suggestion.evidence)
    return f"{SOURCE_NAMES[suggestion.source]}: {said}" if said else SOURCE_NAMES[suggestion.source]
