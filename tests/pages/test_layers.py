"""What the web process must never load: the worker computes, pages read."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DRAW_ALL = """
import sys
from streamlit.testing.v1 import AppTest
at = AppTest.from_file("pages/_router.py", default_timeout=60).run()
import app
names = sorted(path.name for path in __import__("pathlib").Path("pages").glob("*.py") if path.name[0] != "_")
drawn = []
for name in names:
    if name != "home.py":
        at.switch_page(name)
    at.run()
    assert not at.exception, (name, [fault.value for fault in at.exception])
    assert not [fault for fault in at.error if "on our side" in fault.value], (name, at.error)
    drawn.append(at.title[0].value)
heavy = {"torch", "torchvision", "transformers", "open_clip", "lightly", "umap", "hdbscan"} & set(sys.modules)
assert not heavy, f"the web process loaded {sorted(heavy)}"
print("|".join(drawn))
"""


def test_no_page_loads_what_only_the_worker_may(home):
    environment = {**os.environ, "SHELFWISE_HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", DRAW_ALL], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-3000:]
    n_pages = len([path for path in (ROOT / "pages").glob("*.py") if path.name[0] != "_"])
    assert len(done.stdout.strip().splitlines()[-1].split("|")) == n_pages


def test_services_of_trained_models_read_without_torch():
    script = "import sys, core.model_commands, core.services.model_comparison; assert 'torch' not in sys.modules"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
