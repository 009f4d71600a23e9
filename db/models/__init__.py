"""All tables, in one import."""

from db.models.discovery import ClusterRow, MemberRow, RunRow
from db.models.job import EventNodeRow, EventRow, JobRow
from db.models.model import DriftRow, LabelIssueRow, ModelRow, PredictionRow
from db.models.product import ImportRow, ProductRow, RejectRow
from db.models.taxonomy import AssignmentRow, NodeRow, VersionRow
from db.models.workspace import OpinionRow, PresenceRow, SettingRow

__all__ = [
    "AssignmentRow",
    "ClusterRow",
    "DriftRow",
    "EventNodeRow",
    "EventRow",
    "ImportRow",
    "JobRow",
    "LabelIssueRow",
    "MemberRow",
    "ModelRow",
    "NodeRow",
    "OpinionRow",
    "PredictionRow",
    "PresenceRow",
    "ProductRow",
    "RejectRow",
    "RunRow",
    "SettingRow",
    "VersionRow",
]
