"""``make course``: run every notebook, build the site, and say what ran."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm

from tools.notebooks import ROOT
from tools.notebooks.__main__ import find_sources
from tools.notebooks.execute import Executed, run_all
from tools.site import build_site


def main() -> int:
    """Run the course; 0 when every notebook ran and the site stands."""
    results = run_with_progress()
    print_table(results)
    if failed := [result for result in results if not result.ok]:
        print_failures(failed)
        return 1
    print("building the site", flush=True)
    started = time.monotonic()
    page = build_site(results).relative_to(ROOT)
    print(f"site built in {time.monotonic() - started:.0f} s; open {page} in a browser")
    print("to work through the lessons yourself: make lab")
    return 0


def run_with_progress() -> list[Executed]:
    """Execute the notebooks behind a progress bar."""
    sources = find_sources()
    with tqdm(total=len(sources), desc="notebooks", unit="notebook") as bar:
        return run_all(sources, each=lambda result: bar.update() and None)


def print_table(results: list[Executed]) -> None:
    """A line for each notebook, and how many worked figures came out."""
    print(f"{'notebook':<32} {'cells':>5} {'figures':>7} {'seconds':>7}")
    for r in results:
        remark = "FAILED" if not r.ok else "unchanged, kept from an earlier run" if r.reused else ""
        print(f"{r.name:<32} {r.cells:>5} {r.figures:>7} {r.seconds:>7.1f}  {remark}".rstrip())
    worked, reproduced = sum(r.worked for r in results), sum(r.reproduced for r in results)
    print(f"worked figures reproduced: {reproduced} of {worked}")


def print_failures(failed: list[Executed]) -> None:
    """What went wrong, where."""
    for result in failed:
        print(f"\n{result.name}:", *result.problems, sep="\n  ", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
