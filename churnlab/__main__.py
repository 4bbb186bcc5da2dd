"""``python -m churnlab`` and the script ``churnlab``: the command line, its exit codes, no tracebacks."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from importlib import import_module

from churnlab.checks import EngineError, InputError
from churnlab.commands.options import hint, parse
from churnlab.commands.printing import visible

DONE, REFUSED, USAGE, BUG, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 70, 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; results go to stdout, everything else to stderr."""
    if arguments is None:  # as a program: a terminal that cannot show a letter shows its number
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
    try:
        return _guarded(sys.argv[1:] if arguments is None else list(arguments))
    except KeyboardInterrupt:
        _say("interrupted; nothing was left half written")
        return INTERRUPTED
    except BrokenPipeError:  # the reader (head, less) has seen enough
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED


def _guarded(arguments: Sequence[str]) -> int:
    try:
        options = parse(arguments)
    except SystemExit as end:  # help, the version, or wrong usage: argparse has said it
        _flush()
        return int(end.code or 0)
    try:
        with _notes():
            code: int = import_module(f"churnlab.commands.{options.command}").run(options)
        _flush()
        return code
    except (InputError, EngineError) as error:
        _say(str(error), *hint(str(error), options.command))
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except OSError as error:
        place = "" if error.filename is None else f"{os.fspath(error.filename)!r}: "
        _say(f"{place}{error.strerror or error}")
    except Exception as error:
        return _bug(error)
    return REFUSED


def _flush() -> None:
    if sys.stdout is not None:  # a pipe that is closed says so now, not when Python ends
        sys.stdout.flush()


def _bug(error: Exception) -> int:
    if os.environ.get("CHURNLAB_TRACEBACK") == "1":
        traceback.print_exception(error, file=sys.stderr)
    words = (str(error).splitlines() or [""])[0]
    _say(
        f"this should not have happened ({type(error).__name__}: {words}). Please report it with "
        "what 'churnlab versions' prints; CHURNLAB_TRACEBACK=1 shows where it happened."
    )
    return BUG


@contextlib.contextmanager
def _notes() -> Iterator[None]:
    """The doubts a model has are said in a line each, once; what concerns programmers is not."""
    said: set[str] = set()

    def note(message: Warning | str, *_: object, **__: object) -> None:
        if str(message) not in said:
            said.add(str(message))
            _say(f"note: {message}")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = note
        yield


def _say(*lines: str) -> None:
    print(visible(f"churnlab: {lines[0]}"), *map(visible, lines[1:]), sep="\n", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
