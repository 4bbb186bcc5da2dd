"""Progress bars: drawn for long queries on a terminal, and nowhere else; Ctrl-C stops a query."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import narwhals.stable.v2 as nw
import pytest

import churnlab as cl
from churnlab import engine
from churnlab.checks import EngineError, InputError
from churnlab.engine import progress, session
from tests.conftest import needs_module

# about half a second on two cores, and what nobody waits for
LONG = "SELECT count(*) AS n FROM range({rows}) AS numbers (i) WHERE md5(i::VARCHAR) = 'never'"
HALF_A_SECOND, FOR_EVER = 2_000_000, 10**13


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """A terminal, on which a tenth of a second is long; no thread may stay behind."""
    monkeypatch.delenv("CHURNLAB_PROGRESS", raising=False)
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    monkeypatch.setattr(progress, "_AFTER", 0.1)
    monkeypatch.setattr(progress, "_EVERY", 0.01)
    before = set(threading.enumerate())
    yield Terminal()
    assert set(threading.enumerate()) <= before
    assert progress._drawing.acquire(blocking=False)
    progress._drawing.release()


@contextmanager
def stderr(stream: io.StringIO) -> Iterator[None]:
    """On stderr within a test: between setup and call pytest puts its own there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        yield


def count(rows: int) -> int:
    """A query on a cursor of churnlab's own."""
    with cl.limits(threads=1):
        relation = session.connection().sql(LONG.format(rows=rows))
        return int(engine.collect(nw.from_native(relation)).loc[0, "n"])


def drawn(percents: list[float], seconds: float = 0.3) -> None:
    """A block that takes so long, and says how far it is."""
    said = iter(percents)
    with progress.shown(lambda: next(said, percents[-1])):
        time.sleep(seconds)


@needs_module("tqdm")
def test_a_long_query_is_shown_on_stderr_and_cleared(
    terminal: Terminal, capfd: pytest.CaptureFixture[str]
) -> None:
    with stderr(terminal):
        assert count(HALF_A_SECOND) == 0
    shown = terminal.getvalue()
    assert "counting" in shown and "%" in shown
    assert shown.split("\r")[-1].strip() == "" and "\n" not in shown
    assert capfd.readouterr().out == ""  # nor does DuckDB draw its own


@needs_module("tqdm")
def test_a_bar_never_goes_back_nor_beyond_the_end(terminal: Terminal) -> None:
    with stderr(terminal):
        drawn([-1.0, 5.0, 40.0, 20.0, 170.0])  # the second only says that it can say
    percents = [
        int(part.split("%")[0][-3:]) for part in terminal.getvalue().split("\r") if "%" in part
    ]
    assert percents == sorted(percents)
    assert {0, 40, 100} <= set(percents) <= {0, 40, 100}


@needs_module("tqdm")
def test_what_cannot_say_how_far_it_is_has_no_bar(terminal: Terminal) -> None:
    with stderr(terminal):
        drawn([-1.0])
    assert terminal.getvalue() == ""


def test_a_quick_query_shows_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_AFTER", 60.0)
    with stderr(terminal):
        count(HALF_A_SECOND)
    assert terminal.getvalue() == ""


@needs_module("tqdm")
def test_no_bar_where_none_is_wanted(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    with stderr(terminal):
        assert progress.wanted()
        with cl.limits(progress=False):
            drawn([50.0])
        for name, value in {"CHURNLAB_PROGRESS": "0", "TQDM_DISABLE": "1"}.items():
            with monkeypatch.context() as patch:
                patch.setenv(name, value)
                drawn([50.0])
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, "tqdm", None)
            drawn([50.0])
    assert terminal.getvalue() == ""


@needs_module("tqdm")
def test_a_pipe_gets_a_bar_only_if_asked_for(terminal: Terminal) -> None:
    pipe = io.StringIO()
    with stderr(pipe):
        drawn([50.0])
        assert pipe.getvalue() == ""
        with cl.limits(progress=True), cl.limits(threads=1):  # the inner one says nothing of bars
            drawn([50.0])
        assert " 50%" in pipe.getvalue()
        assert not progress.wanted()


@needs_module("tqdm", "ipywidgets")
def test_a_kernel_counts_as_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shell:
        kernel = "a kernel"

    class IPython:
        @staticmethod
        def get_ipython() -> Shell:
            return Shell()

    monkeypatch.delenv("CHURNLAB_PROGRESS", raising=False)
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    monkeypatch.setitem(sys.modules, "IPython", IPython)
    assert progress.wanted()
    monkeypatch.setenv("CHURNLAB_PROGRESS", "0")
    assert not progress.wanted()


@needs_module("tqdm")
def test_two_threads_draw_one_bar(terminal: Terminal) -> None:
    both = [threading.Thread(target=drawn, args=([float(n)],)) for n in (30, 60)]
    with stderr(terminal):
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
    assert (" 30%" in terminal.getvalue()) != (" 60%" in terminal.getvalue())


def test_an_error_passes_and_leaves_no_thread(terminal: Terminal) -> None:
    with stderr(terminal), pytest.raises(ZeroDivisionError), progress.shown(lambda: 50.0):
        time.sleep(0.2)
        _ = 1 / 0
    relation = session.connection().sql("SELECT error('no such luck') AS n")
    with pytest.raises(EngineError, match="no such luck"):
        engine.collect(nw.from_native(relation))


@pytest.mark.parametrize("with_bar", [True, False])
def test_ctrl_c_stops_a_query_and_the_next_one_runs(terminal: Terminal, with_bar: bool) -> None:
    # a job in the background of a script is started deaf to it
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    began = time.monotonic()
    ctrl_c = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    ctrl_c.start()
    with pytest.raises(KeyboardInterrupt), stderr(terminal), cl.limits(progress=with_bar):
        count(FOR_EVER)
    ctrl_c.join()
    signal.signal(signal.SIGINT, before)
    assert time.monotonic() - began < 30
    assert count(1000) == 0


def test_progress_is_true_or_false() -> None:
    with pytest.raises(InputError, match="progress=1: say True or False"), cl.limits(progress=1):  # type: ignore[arg-type]
        pass
