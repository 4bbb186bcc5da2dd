"""Assemble and build the site: docs, executed notebooks and the library's docstrings; offline."""

from __future__ import annotations

import importlib
import inspect
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType

import nbformat

from tools.notebooks import ROOT
from tools.notebooks.__main__ import find_sources
from tools.notebooks.execute import Executed, run_all

DOCS = ROOT / "docs"
SOURCE = ROOT / "build" / "site-src"
SITE = ROOT / "build" / "site"
# Addresses a browser would fetch on its own. A link a reader may follow is none.
FETCHED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc=["'](?:https?:)?//[^"']+"""
    r"""|<link\b[^>]*rel=["'](?:stylesheet|preload|preconnect|icon)["'][^>]*href=["'](?:https?:)?//[^"']+"""
    r"""|@import\s+(?:url\()?["']?(?:https?:)?//[^"')]+|url\(["']?(?:https?:)?//[^"')]+"""
)


def build_site(executed: Sequence[Executed], source: Path = SOURCE, site: Path = SITE) -> Path:
    """Build the site from these notebooks and return its first page."""
    assemble([result.path for result in executed], source)
    shutil.rmtree(site, ignore_errors=True)
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E", "-b", "html"]
    command += ["-c", str(DOCS), "-d", str(site.with_name("doctrees")), str(source), str(site)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"the site could not be built:\n{done.stderr.strip()}")
    if outside := find_outside(site):
        raise SystemExit("the site asks for files from elsewhere:\n" + "\n".join(outside))
    return site / "index.html"


def find_outside(site: Path) -> list[str]:
    """Files of other machines that a page would fetch, a line each."""
    pages = [p for kind in ("*.html", "*.css") for p in sorted(site.rglob(kind))]
    return [
        f"{page.relative_to(site)}: {found}"
        for page in pages
        for found in FETCHED.findall(page.read_text("utf-8", errors="replace"))
    ]


# ------------------------------------------------------------------ the source folder


def assemble(notebooks: Sequence[Path], source: Path) -> None:
    """Lay out everything Sphinx reads, from nothing."""
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(DOCS, source, ignore=shutil.ignore_patterns("conf.py", "__pycache__"))
    (source / "course").mkdir()
    for path in notebooks:
        shutil.copy(path, source / "course" / path.name)
    if (ROOT / "CHANGELOG.md").exists():
        shutil.copy(ROOT / "CHANGELOG.md", source / "changelog.md")
    write_api_pages(source / "api")
    write_index(source)


def write_index(source: Path) -> None:
    """Fill the lists of the first page in."""
    index = source / "index.md"
    course = sorted((source / "course").glob("*.ipynb"))
    decisions = sorted((source / "decisions").glob("*.md"))
    pages = [p for p in sorted(source.glob("*.md")) if p != index]
    text = index.read_text("utf-8")
    text = text.replace("<!-- course -->", course_list(course) + toctree("Course", source, course))
    text = text.replace(
        "<!-- decisions -->",
        page_list(source, decisions) + toctree("Decisions", source, decisions),
    )
    reference = [*pages, *sorted((source / "api").glob("*.rst"))]
    text = text.replace(
        "<!-- reference -->",
        page_list(source, reference) + toctree("Reference", source, reference),
    )
    index.write_text(text, "utf-8")


def course_list(notebooks: Iterable[Path]) -> str:
    """Every lesson with its title and first paragraph."""
    lines = []
    for path in notebooks:
        title, paragraph = title_and_first_paragraph(path)
        lines.append(f"- **[{title}](course/{path.name})** {paragraph}")
    return "\n".join(lines) or "The lessons are being written."


def title_and_first_paragraph(path: Path) -> tuple[str, str]:
    """What a notebook calls itself, and the first thing it says."""
    cells = nbformat.read(path, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    heading = re.search(r"^# (.+)$", text, re.MULTILINE)
    body = text[heading.end() :] if heading else text
    paragraphs = [" ".join(p.split()) for p in re.split(r"\n\s*\n", body)]
    plain = [p for p in paragraphs if p and not p.startswith(("#", "|", "-", "!", "<", ":"))]
    return (heading[1].strip() if heading else path.stem), (plain[0] if plain else "")


def page_list(source: Path, pages: Iterable[Path]) -> str:
    """Links to pages, under their own titles."""
    lines = [f"- [{title_of(p)}]({p.relative_to(source).as_posix()})" for p in pages]
    return "\n".join(lines)


def title_of(page: Path) -> str:
    """The first heading of a page."""
    lines = page.read_text("utf-8").splitlines()
    return next((line.lstrip("# ") for line in lines if line.strip()), page.stem)


def toctree(caption: str, source: Path, pages: Sequence[Path]) -> str:
    """The same pages for the side bar; nothing when there are none."""
    if not pages:
        return ""
    names = [p.relative_to(source).with_suffix("").as_posix() for p in pages]
    return "\n\n".join(
        ["", "```{toctree}\n:hidden:\n:caption: " + caption, "\n".join(names) + "\n```\n"]
    )


# ------------------------------------------------------------------ the library


def write_api_pages(folder: Path) -> None:
    """A page for each public module, and one for the names of ``churnlab`` itself."""
    folder.mkdir(parents=True, exist_ok=True)
    library = importlib.import_module("churnlab")
    public = {name: getattr(library, name) for name in library.__all__ if name[0] != "_"}
    modules = {n: v for n, v in public.items() if isinstance(v, ModuleType)}
    names = {n: v for n, v in public.items() if n not in modules}
    (folder / "churnlab.rst").write_text(api_page("churnlab", map(entry, names, names.values())))
    for name, module in modules.items():
        lines = [f".. automodule:: {module.__name__}", "   :members:"]
        (folder / f"{name}.rst").write_text(api_page(module.__name__, ["\n".join(lines)]), "utf-8")


def api_page(title: str, entries: Iterable[str]) -> str:
    """A page of entries under a title."""
    return "\n\n".join([f"{title}\n{'=' * len(title)}", *entries]) + "\n"


def entry(name: str, thing: object) -> str:
    """The directive for one public name; the page of its module is the one that is linked to."""
    kind = "function"
    if inspect.isclass(thing):
        kind = "exception" if issubclass(thing, BaseException) else "class"
    members = "\n   :members:" if kind == "class" else ""
    return f".. auto{kind}:: churnlab.{name}\n   :no-index:{members}"


if __name__ == "__main__":
    results = run_all(find_sources())
    if failed := [result.name for result in results if not result.ok]:
        sys.exit(f"notebooks that do not run: {', '.join(failed)}")
    print(build_site(results))
