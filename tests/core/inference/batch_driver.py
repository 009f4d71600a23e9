"""Runs a batch in a process of its own, as a person would: `python -m tests.core.inference.batch_driver JSON`.

With `"ray": true` on a cluster of two nodes with one CPU each. Prints the result as JSON.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from core.domain.progress import NullProgress
from core.inference.batch import BatchOptions, run_batch
from core.inference.bundle import ModelBundle


def main(told: dict) -> None:
    """Run it."""
    if told.get("ray"):
        from ray.cluster_utils import Cluster

        node = {"num_cpus": 1, "object_store_memory": 80 * 2**20, "include_dashboard": False}
        cluster = Cluster(initialize_head=True, head_node_args=node)
        cluster.add_node(**node)
        os.environ["SHELFWISE_RUNNER"], os.environ["RAY_ADDRESS"] = "ray", cluster.address
    bundle = ModelBundle.from_dict(told["bundle"])
    result = run_batch(bundle, BatchOptions(**told["options"]), Path(told["folder"]), NullProgress())
    print(json.dumps(asdict(result)))
    sys.stdout.flush()
    os._exit(0)  # the cluster's processes end with this one; waiting for them in good order takes seconds


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
