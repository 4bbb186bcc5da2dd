"""What a notebook of the course may look like, read from its source alone.

Each rule takes a notebook and returns what breaks it, a line each; ``check_budgets`` applies all.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from statistics import median

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from tools.notebooks.source import code_cells, has_tag

MAX_CELLS = 60
MEDIAN_LINES = 3
MAX_LINES = 12
WORDS_PER_LINE = (12, 20)
EXERCISES = (4, 6)
# Concept review, your data, casebook and interop need not keep the balance of prose and code.
FREE_OF_PROSE_BUDGET = ("36", "90", "91", "92")

HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
MATH = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)
LINK = re.compile(r"\]\([^)]*\)|https?://\S+")
WORD = re.compile(r"[一-鿿]+|[^\W_]+(?:['’.,-][^\W_]+)*")
NETWORK = re.compile(
    r"https?:|ftp:|\b(?:requests|urllib|urlopen|httpx|aiohttp|socket|wget|curl)\b|[%!]\s*(?:pip|conda)\b"
)
OUTSIDE_PICTURE = re.compile(r"!\[[^\]]*\]\(https?:|<(?:img|script|iframe|link)\b[^>]*https?:")
ABSOLUTE = re.compile(r"""["'](?:/[A-Za-z]|~[/\\]|[A-Za-z]:[/\\])|\bPath\.home\(|expanduser""")
SILENCED = re.compile(
    r"filterwarnings|simplefilter|catch_warnings|PYTHONWARNINGS|%%capture|redirect_stderr"
    r"|errstate|seterr|logging\.disable|captureWarnings"
)

Rule = Callable[[str, NotebookNode], Iterator[str]]


def check_budgets(name: str, notebook: NotebookNode) -> list[str]:
    """Everything in a notebook that breaks a rule, a line each."""
    return [problem for rule in RULES for problem in rule(name, notebook)]


# ------------------------------------------------------------------ rules


def has_course_name(name: str, notebook: NotebookNode) -> Iterator[str]:
    """Two digits, an underscore and words in lower case."""
    if not re.fullmatch(r"\d\d(_[a-z0-9]+)+", name):
        yield f"the name {name} is not like 01_churn_rate"


def has_one_title(name: str, notebook: NotebookNode) -> Iterator[str]:
    """The first cell opens with the only heading of the first level."""
    titles = [text for level, text in headings(notebook) if level == 1]
    if len(titles) != 1:
        yield f"{len(titles)} titles ('# …'), and there must be one"
    if not notebook.cells or not notebook.cells[0].source.startswith("# "):
        yield "the first cell does not open with the title"


def has_few_cells(name: str, notebook: NotebookNode) -> Iterator[str]:
    """The lesson, up to the exercises, is short enough to be read in one sitting."""
    count = exercises_start(notebook)
    if count > MAX_CELLS:
        yield f"{count} cells before the exercises, and the limit is {MAX_CELLS}"


def has_short_cells(name: str, notebook: NotebookNode) -> Iterator[str]:
    """Code in small bites."""
    sizes = [len(code_lines(cell)) for cell in code_cells(notebook)]
    if sizes and median(sizes) > MEDIAN_LINES:
        yield f"code cells have {median(sizes):g} lines in the median, limit {MEDIAN_LINES}"
    for cell in code_cells(notebook):
        if len(code_lines(cell)) > MAX_LINES:
            yield f"a cell of {len(code_lines(cell))} lines, limit {MAX_LINES}: {first_line(cell)}"


def has_one_definition(name: str, notebook: NotebookNode) -> Iterator[str]:
    """What deserves a name belongs into the library."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = [n for cell in code_cells(notebook) for n in walk(cell) if isinstance(n, kinds)]
    if len(found) > 1:
        yield f"{len(found)} definitions, at most one: {', '.join(n.name for n in found)}"


def has_imports_in_one_cell(name: str, notebook: NotebookNode) -> Iterator[str]:
    """A reader sees at the top what is used."""
    kinds = (ast.Import, ast.ImportFrom)
    cells = [c for c in code_cells(notebook) if any(isinstance(n, kinds) for n in walk(c))]
    if len(cells) > 1:
        yield f"imports in {len(cells)} cells, and they belong into one: {first_line(cells[1])}"


def stays_on_this_machine(name: str, notebook: NotebookNode) -> Iterator[str]:
    """No cell goes to the network, in code or through a picture."""
    for cell in notebook.cells:
        pattern = NETWORK if cell.cell_type == "code" else OUTSIDE_PICTURE
        if found := pattern.search(cell.source):
            yield f"goes to the network ({found[0]}): {first_line(cell)}"


def has_no_absolute_path(name: str, notebook: NotebookNode) -> Iterator[str]:
    """Data is found through the package."""
    for cell in code_cells(notebook):
        if found := ABSOLUTE.search(cell.source):
            yield f"an absolute path ({found[0]}…): {first_line(cell)}"
        if "../" in cell.source:
            yield f"a path outside the notebook's folder (../): {first_line(cell)}"


def silences_nothing(name: str, notebook: NotebookNode) -> Iterator[str]:
    """A warning is dealt with or shown, never hidden."""
    for cell in code_cells(notebook):
        if found := SILENCED.search(cell.source):
            yield f"silences warnings ({found[0]}): {first_line(cell)}"


def balances_prose_and_code(name: str, notebook: NotebookNode) -> Iterator[str]:
    """Enough prose to follow, not so much that the code is lost; solutions do not count."""
    lines = sum(len(code_lines(c)) for c in code_cells(notebook) if not has_tag(c, "solution"))
    if name[:2] in FREE_OF_PROSE_BUDGET or not lines:
        return
    ratio = count_words(notebook) / lines
    low, high = WORDS_PER_LINE
    if not low <= ratio <= high:
        yield f"{ratio:.1f} words of prose per line of code, and {low} to {high} are wanted"


def folds_solutions(name: str, notebook: NotebookNode) -> Iterator[str]:
    """A solution is there, but not in sight: folded in JupyterLab and on the site."""
    for cell in notebook.cells:
        folded = cell.metadata.get("jupyter", {}).get("source_hidden") and has_tag(
            cell, "hide-cell"
        )
        if has_tag(cell, "solution") and not folded:
            yield f"a solution that is not folded: {first_line(cell)}"


def has_some_exercises(name: str, notebook: NotebookNode) -> Iterator[str]:
    """Four to six exercises, each with a solution."""
    if name[:2] in FREE_OF_PROSE_BUDGET or exercises_start(notebook) == len(notebook.cells):
        return
    count = sum(has_tag(cell, "solution") for cell in notebook.cells)
    low, high = EXERCISES
    if not low <= count <= high:
        yield f"{count} cells tagged solution, and {low} to {high} are wanted"


RULES: tuple[Rule, ...] = (
    has_course_name,
    has_one_title,
    has_few_cells,
    has_short_cells,
    has_one_definition,
    has_imports_in_one_cell,
    stays_on_this_machine,
    has_no_absolute_path,
    silences_nothing,
    balances_prose_and_code,
    folds_solutions,
    has_some_exercises,
)


# ------------------------------------------------------------------ reading


def headings(notebook: NotebookNode) -> list[tuple[int, str]]:
    """Level and text of every heading, in order."""
    found = [m for cell in markdown(notebook) for m in HEADING.finditer(FENCE.sub("", cell.source))]
    return [(len(m[1]), m[2].strip()) for m in found]


def markdown(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells of prose."""
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def exercises_start(notebook: NotebookNode) -> int:
    """The number of cells before the heading of the exercises; all when there are none."""
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and re.search(r"^#+ .*\bExercises\b", cell.source, re.M):
            return index
    return len(notebook.cells)


def count_words(notebook: NotebookNode) -> int:
    """Words of prose: no code, no formulas, no addresses; a run of Chinese counts as one."""
    text = "\n".join(FENCE.sub(" ", cell.source) for cell in markdown(notebook))
    return len(WORD.findall(LINK.sub(" ", MATH.sub(" ", text))))


def code_lines(cell: NotebookNode) -> list[str]:
    """The lines of a cell that are neither empty nor only a comment."""
    lines = [line.strip() for line in cell.source.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def first_line(cell: NotebookNode) -> str:
    """Enough of a cell to find it."""
    return cell.source.strip().split("\n")[0][:60]


def walk(cell: NotebookNode) -> Iterator[ast.AST]:
    """Everything in a cell's syntax tree, with IPython's own commands translated."""
    yield from ast.walk(ast.parse(TransformerManager().transform_cell(cell.source)))
