"""From ``notebooks/src/NN_name.py`` to the committed, executed, byte-reproducible notebook.

``source``   a percent script becomes a notebook without outputs, with stable cell ids
``execute``  a kernel runs it once; what it printed is cleaned, judged and kept in build/executed
``compare``  is the committed notebook the one that comes out today?
``budgets``  what a notebook of the course may look like

On the command line: ``python -m tools.notebooks build|check|run [--jobs N] [names]``.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "notebooks" / "src"
NOTEBOOKS = ROOT / "notebooks"
EXECUTED = ROOT / "build" / "executed"
