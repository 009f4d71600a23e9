"""One batch in a process of its own: `python -m bench.batch_run JSON`. Progress goes to standard error."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.inference.batch import BatchOptions, run_batch
from core.inference.bundle import ModelBundle

_OBJECT_STORE_BYTES = 100 * 2**20


class Printed:
    """Progress as lines."""

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        """Print it."""
        print(f"{fraction:.3f} {message}", file=sys.stderr, flush=True)


def main(told: dict[str, Any]) -> None:
    """Run it; on Ray, on two nodes of one CPU each."""
    if told["runner"] == "ray":
        from ray.cluster_utils import Cluster

        node = {"num_cpus": 1, "object_store_memory": _OBJECT_STORE_BYTES, "include_dashboard": False}
        cluster = Cluster(initialize_head=True, head_node_args=node)
        cluster.add_node(**node)
        os.environ["RAY_ADDRESS"] = cluster.address
    os.environ["SHELFWISE_RUNNER"] = told["runner"]
    bundle = ModelBundle.from_dict(told["bundle"])
    result = run_batch(bundle, BatchOptions(**told["options"]), Path(told["folder"]), Printed())
    print(json.dumps(asdict(result)), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
