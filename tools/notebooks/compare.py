"""Is the committed notebook the one that comes out today?

Under the lock file every byte must agree. Elsewhere (another Python, newer libraries) the sources
must agree exactly, the text up to the last digits, and of a picture only that there is one.
"""

from __future__ import annotations

import difflib
import math
import re
from itertools import zip_longest

import nbformat
from nbformat import NotebookNode

from tools.notebooks.execute import IMAGES
from tools.notebooks.source import to_text

NUMBER = re.compile(r"(?<![\w.])[-+−]?\d[\d,]*\.?\d*(?:e[-+]?\d+)?", re.IGNORECASE)
REL_TOL = 1e-6
ABS_TOL = 1e-9
SHOWN_LINES = 12
SHOWN_WIDTH = 140


def compare(committed: str, fresh: NotebookNode, exact: bool) -> list[str]:
    """How a committed notebook differs from the fresh one; nothing when it is up to date."""
    text = to_text(fresh)
    if committed == text:
        return []
    if exact:
        return short_diff(committed, text)
    return compare_loosely(nbformat.reads(committed, as_version=4), fresh)


def short_diff(old: str, new: str) -> list[str]:
    """The first lines that differ, cut to a readable width (a picture is one long line)."""
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), "committed", "fresh", lineterm="", n=0
    )
    cut = [line if len(line) <= SHOWN_WIDTH else line[:SHOWN_WIDTH] + " …" for line in lines]
    more = len(cut) - SHOWN_LINES
    return cut[:SHOWN_LINES] + ([f"… and {more} more lines"] if more > 0 else [])


def compare_loosely(old: NotebookNode, new: NotebookNode) -> list[str]:
    """Differences in source, or in text beyond the last digits."""
    for number, (a, b) in enumerate(zip_longest(old.cells, new.cells), 1):
        if a is None or b is None or a.source != b.source or a.cell_type != b.cell_type:
            return [f"cell {number}: the source changed"]
        if a.metadata != b.metadata:
            return [f"cell {number}: the tags changed"]
        texts = [flatten(cell.get("outputs", [])) for cell in (a, b)]
        if not same_text(*texts):
            return [f"cell {number}: the output changed", *short_diff(*texts)]
    return []


def flatten(outputs: list[NotebookNode]) -> str:
    """All text of a cell's outputs, and the kind of every picture."""
    parts = []
    for output in outputs:
        parts += [output.output_type, output.get("text", ""), str(output.get("evalue", ""))]
        for kind, content in sorted(output.get("data", {}).items()):
            parts += [kind] if kind in IMAGES else [kind, str(content)]
    return "\n".join(parts)


def same_text(a: str, b: str) -> bool:
    """Whether two texts agree in their words, and in their numbers up to the last digits."""
    if words(a) != words(b):
        return False
    pairs = zip_longest(numbers(a), numbers(b), fillvalue=math.nan)
    return all(math.isclose(x, y, rel_tol=REL_TOL, abs_tol=ABS_TOL) for x, y in pairs)


def words(text: str) -> list[str]:
    """The text with its numbers taken out and its white space evened."""
    return NUMBER.sub(" # ", text).split()


def numbers(text: str) -> list[float]:
    """The numbers of a text, in order."""
    found = NUMBER.findall(text)
    return [float(number.replace(",", "").replace("−", "-")) for number in found]
