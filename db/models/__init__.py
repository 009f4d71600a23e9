"""All tables, in one import."""

from db.models.discovery import ClusterRow, MemberRow, RunRow
from db.models.job import EventRow, JobRow
from db.models.model import ModelRow, PredictionRow
from db.models.product import ImportRow, ProductRow, RejectRow
from db.models.taxonomy import AssignmentRow, NodeRow, VersionRow

__all__ = [
    "AssignmentRow",
    "ClusterRow",
    "EventRow",
    "ImportRow",
    "JobRow",
    "MemberRow",
    "ModelRow",
    "NodeRow",
    "PredictionRow",
    "ProductRow",
    "RejectRow",
    "RunRow",
    "VersionRow",
]
