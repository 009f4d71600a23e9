"""What the web process imports of discovery stays light."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "umap", "hdbscan", "sklearn", "numba", "fastcluster")


@pytest.mark.parametrize("module", ["cut", "naming", "quality", "medoids", "run_file", "guidance", "guided_names"])
def test_a_module_of_the_review_page_imports_nothing_heavy(module):
    script = f"import sys, core.discovery.{module}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
