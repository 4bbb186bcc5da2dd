"""A percent script becomes a notebook without outputs, the same bytes every time."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

METADATA = {
    "kernelspec": {
        "name": "python3",
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
    },
    "language_info": {"name": "python"},
}
KEPT_CELL_METADATA = ("jupyter", "tags")


def read_source(path: Path) -> NotebookNode:
    """The notebook a percent script describes: no outputs, stable ids, little metadata."""
    notebook = jupytext.reads(path.read_text("utf-8"), fmt="py:percent")
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    set_cell_ids(notebook)
    return strip_metadata(notebook)


def set_cell_ids(notebook: NotebookNode) -> None:
    """Name each cell by a hash of what it says; twins are numbered.

    An edit renames one cell only, so two branches that edited different cells merge cleanly.
    """
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] += 1
        cell["id"] = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def strip_metadata(notebook: NotebookNode) -> NotebookNode:
    """Keep the kernel's name, and of a cell its tags and what JupyterLab folds."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        kept = {key: cell.metadata[key] for key in KEPT_CELL_METADATA if key in cell.metadata}
        cell.metadata = nbformat.from_dict(kept)
    return notebook


def to_text(notebook: NotebookNode) -> str:
    """The text of the .ipynb file."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def has_tag(cell: NotebookNode, tag: str) -> bool:
    """Whether a cell carries a tag."""
    return tag in cell.metadata.get("tags", [])


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The code cells that hold something."""
    return [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]
