"""``python -m tools.notebooks build|check|run``: write, prove or only execute the notebooks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from tools.notebooks import EXECUTED, NOTEBOOKS, SOURCES
from tools.notebooks.compare import compare
from tools.notebooks.environment import differences, under_lock
from tools.notebooks.execute import Executed, run_all, write


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when every notebook is as it should be."""
    options = parse(arguments)
    sources = find_sources(options.sources, options.names)
    folders = {"folder": options.executed, "jobs": options.jobs}
    if options.command == "run":
        results = run_all(sources, **folders, each=report(lambda r: []))
        return int(not all(r.ok for r in results))
    if options.command == "build":
        results = run_all(sources, **folders, each=report(lambda r: build(r, options.output)))
        return int(not all(r.ok for r in results))
    if not under_lock():
        print(f"not under requirements.lock ({differences()[0]}): pictures are not compared")
    stale: list[str] = []
    run_all(sources, **folders, each=report(lambda r: check(r, options.output), stale))
    stale += [] if options.names else find_orphans(options.output, sources)
    return int(bool(stale))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.notebooks", description=__doc__)
    parser.add_argument("command", choices=["build", "check", "run"])
    parser.add_argument("names", nargs="*", help="01_churn_rate or 01; all when left out")
    parser.add_argument("--jobs", type=int, help="how many at once; one per core when left out")
    parser.add_argument("--sources", type=Path, default=SOURCES)
    parser.add_argument("--output", type=Path, default=NOTEBOOKS)
    parser.add_argument("--executed", type=Path, default=EXECUTED)
    return parser.parse_args(arguments)


def find_sources(folder: Path = SOURCES, names: list[str] | None = None) -> list[Path]:
    """The percent scripts of the course, in its order."""
    every = sorted(folder.glob("*.py"))
    if not names:
        return every
    wanted = [Path(name).stem for name in names]
    chosen = [p for p in every if p.stem in wanted or p.stem[:2] in wanted]
    if missing := [w for w in wanted if not any(p.stem == w or p.stem[:2] == w for p in every)]:
        raise SystemExit(f"no source in {folder.name}/ for: {', '.join(missing)}")
    return chosen


def build(result: Executed, output: Path) -> list[str]:
    """Write a notebook that ran well."""
    if result.ok:
        write(output / result.path.name, result.path.read_text("utf-8"))
    return list(result.problems)


def check(result: Executed, output: Path) -> list[str]:
    """What is wrong with a committed notebook: it fails, is missing, or is stale."""
    if not result.ok:
        return list(result.problems)
    committed = output / result.path.name
    if not committed.exists():
        return ["not built: make notebooks"]
    found = compare(committed.read_text("utf-8"), result.read(), exact=under_lock())
    return ["stale: make notebooks", *found] if found else []


def find_orphans(output: Path, sources: list[Path]) -> list[str]:
    """Notebooks without a source, printed and returned."""
    known = {source.stem for source in sources}
    orphans = [p.name for p in sorted(output.glob("*.ipynb")) if p.stem not in known]
    for name in orphans:
        print(f"WRONG {name}: it has no source in src/")
    return orphans


def report(
    act: Callable[[Executed], list[str]], wrong: list[str] | None = None
) -> Callable[[Executed], None]:
    """Do something with each result as it comes, and print a line about it."""

    def each(result: Executed) -> None:
        problems = act(result) or list(result.problems)
        again = "kept" if result.reused else f"{result.seconds} s"
        print(f"{'WRONG' if problems else 'ok   '} {result.name} ({again})", flush=True)
        for line in "\n".join(problems).splitlines():
            print(f"      {line}", flush=True)
        if wrong is not None and problems:
            wrong.append(result.name)

    return each


if __name__ == "__main__":
    sys.exit(main())
