"""A test report as JSON, and back."""

from dataclasses import asdict
from typing import Any

from core.domain.classifier import HierarchicalMetrics, LevelMetrics
from core.domain.model_report import (
    Confusion,
    LevelCalibration,
    NodeMetrics,
    PlatformMetrics,
    ReliabilityBin,
    StoppingPoint,
    TestReport,
)

METRICS_FILE = "metrics.json"


def report_to_dict(report: TestReport) -> dict[str, Any]:
    """What JSON needs to build the same report again; field names are those of the dataclasses."""
    return asdict(report)


def report_from_dict(data: dict[str, Any]) -> TestReport:
    """The report that `report_to_dict` described.

    Raises:
        KeyError: If a part is missing.
        TypeError: If a part has other fields.
    """
    return TestReport(
        metrics=metrics_from_dict(data["metrics"]),
        nodes=tuple(NodeMetrics(**node) for node in data["nodes"]),
        platforms=tuple(PlatformMetrics(**platform) for platform in data["platforms"]),
        confusions=tuple(
            Confusion(**{**found, "product_ids": tuple(found["product_ids"])}) for found in data["confusions"]
        ),
        calibration=tuple(_calibration(level) for level in data["calibration"]),
        stopping=tuple(StoppingPoint(**point) for point in data["stopping"]),
        share_invalid=data["share_invalid"],
    )


def metrics_from_dict(data: dict[str, Any]) -> HierarchicalMetrics:
    """The figures of a report, from the same in JSON."""
    return HierarchicalMetrics(**{**data, "levels": tuple(LevelMetrics(**level) for level in data["levels"])})


def _calibration(level: dict[str, Any]) -> LevelCalibration:
    bins = {name: tuple(ReliabilityBin(**each) for each in level[name]) for name in ("bins_before", "bins_after")}
    return LevelCalibration(**{**level, **bins})
