"""What happened lately, newest first."""

import streamlit as st

from core.services import catalogue
from core.services.context import Context
from pages._shared import words

SHOWN = 8
ICONS = {
    "import": "upload",
    "discover": "search",
    "name": "edit",
    "move": "drive_file_move",
    "exclude": "block",
    "send_back": "undo",
    "recut": "tune",
    "approve": "check_circle",
    "rejected": "do_not_disturb_on",
    "open": "refresh",
    "undo": "undo",
    "train": "model_training",
    "promote": "publish",
    "accept": "done_all",
    "correct": "edit",
    "roll back": "settings_backup_restore",
    "retire": "archive",
    "restore": "undo",
    "stop below": "vertical_align_top",
    "check_labels": "fact_check",
    "decide_label": "done_all",
    "classify": "batch_prediction",
    "escalate below": "alt_route",
    "dismiss_proposal": "notifications_off",
    "restore_proposal": "undo",
}


def latest_activity(ctx: Context) -> None:
    """Draw the newest happenings, one line each."""
    happenings = catalogue.recent_events(ctx, SHOWN)
    with st.container(border=True, key="activity", gap="xsmall"):
        for row in happenings.itertuples():
            left, right = st.columns([5, 2], vertical_alignment="center")
            icon = ICONS.get(row.kind, "history")
            left.markdown(f":gray[:material/{icon}:]&ensp;{words.plain(row.summary)}")
            right.caption(f"{words.plain(row.author)} · {words.ago(row.at)}", text_alignment="right")
