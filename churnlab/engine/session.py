"""churnlab's own DuckDB: one connection per process, its limits, and the SQL it was asked."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from churnlab.checks import InputError, whole
from churnlab.engine import progress as bars

if TYPE_CHECKING:
    import duckdb

_lock = threading.Lock()
_root: duckdb.DuckDBPyConnection | None = None
_cursors: WeakSet[duckdb.DuckDBPyConnection] = WeakSet()  # in use, asked how far they are
_limits: dict[str, str] = {}  # what is set now; DuckDB's own words for it are rounded
_recorder: ContextVar[list[str] | None] = ContextVar("churnlab_sql", default=None)
_shared: ContextVar[list[duckdb.DuckDBPyConnection] | None] = ContextVar(
    "churnlab_connection", default=None
)
_spill: str | None = None


def connection() -> duckdb.DuckDBPyConnection:
    """A cursor on the process-wide connection; each call has its own, so none waits on another."""
    global _root
    shared = _shared.get()
    with _lock:
        if _root is None:
            _root = _connect()
        if shared is None:
            return _cursor(_root)
        if not shared:
            shared.append(_cursor(_root))
        return shared[0]


def _cursor(root: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    cursor = root.cursor()
    if bars.wanted():  # a cursor must be told to keep count, and not to draw on stdout
        cursor.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
        _cursors.add(cursor)
    return cursor


def percent_done() -> float:
    """How far the running query is, by DuckDB's estimate; below 0 where that is not known."""
    with _lock:
        cursors = list(_cursors)
    return max((cursor.query_progress() for cursor in cursors), default=-1.0)


@contextmanager
def one_connection() -> Iterator[None]:
    """Tables opened inside meet on one cursor: DuckDB joins no relations of different ones."""
    token = _shared.set([])
    try:
        yield
    finally:
        _shared.reset(token)


def spill_folder() -> str:
    """The temporary directory that is removed when Python ends."""
    connection()
    assert _spill is not None
    return _spill


def _connect() -> duckdb.DuckDBPyConnection:
    import duckdb

    global _spill
    _spill = spill = tempfile.mkdtemp(prefix="churnlab-spill-")
    atexit.register(shutil.rmtree, spill, ignore_errors=True)
    config: dict[str, Any] = {
        "temp_directory": spill,
        # nothing is ever fetched from the network
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "preserve_insertion_order": "false",
    }
    if threads := os.environ.get("CHURNLAB_THREADS"):
        _limits["threads"] = str(whole("CHURNLAB_THREADS", _number(threads), least=1))
    con = duckdb.connect(config=config)
    for name, value in _limits.items():
        con.execute(f"SET {name} = '{value}'")
    con.execute("SET enable_progress_bar = false")  # DuckDB would draw it on stdout
    return con


def _number(text: str) -> int | str:
    return int(text) if text.strip().isdecimal() else text


@contextmanager
def limits(
    *, memory: str | None = None, threads: int | None = None, progress: bool | None = None
) -> Iterator[None]:
    """Bound what churnlab's own DuckDB may use, for the calls inside the ``with`` block.

    Tables that DuckDB cannot hold within ``memory`` spill to a temporary directory that is
    removed when Python ends. The limits do not reach tables that live elsewhere: your own
    DuckDB connection, Spark, a warehouse. They are the process's, not the thread's.

    Parameters
    ----------
    memory : str, optional
        Such as "1GB" or "500MB".
    threads : int, optional
        Number of threads. Sums of doubles can differ in the last digit between thread counts;
        churnlab's counts and money are integers and do not.
    progress : bool, optional
        False for no progress bar, True for one also where stderr is no terminal. Unless said,
        a query of more than a second or two shows one in a terminal and in Jupyter, if tqdm is
        installed and the environment variable CHURNLAB_PROGRESS is not 0.

    Raises
    ------
    InputError
        If a limit cannot be understood.

    Examples
    --------
    >>> import churnlab as cl
    >>> with cl.limits(memory="1GB", threads=1):
    ...     pass
    """
    if memory is not None and not re.fullmatch(r"\s*\d+(\.\d+)?\s*[KMGT]i?B\s*", str(memory)):
        raise InputError(f"memory={memory!r}: give a number and a unit, such as '1GB' or '500MB'.")
    wanted: dict[str, Any] = {"memory_limit": memory}
    wanted["threads"] = None if threads is None else whole("threads", threads, least=1)
    inside = {name: str(value) for name, value in wanted.items() if value is not None}
    outside = {name: _limits.get(name) for name in inside}
    if progress is not None and not isinstance(progress, bool):
        raise InputError(f"progress={progress!r}: say True or False.")
    _set(inside)
    try:
        with bars.asked(progress):
            yield
    finally:
        _set(outside)


def _set(values: Mapping[str, str | None]) -> None:
    """Set limits, or put them back to DuckDB's own where the value is None."""
    con = connection()
    for name, value in values.items():
        if value is None:
            con.execute(f"RESET {name}")
            _limits.pop(name, None)
        else:
            con.execute(f"SET {name} = '{value}'")
            _limits[name] = value


def record(query: Callable[[], str]) -> None:
    """Note the SQL of a query about to run, if someone is listening."""
    heard = _recorder.get()
    if heard is not None:
        heard.append(_readable(query()))


def recording() -> bool:
    return _recorder.get() is not None


def _readable(query: str) -> str:
    # DuckDB names a registered pandas or Arrow table by its address in memory
    named = re.sub(r'"?__duckdb_source_\w+"? AS ', "", query)
    return re.sub(r'"?(?:df|arrow|unnamed_relation)_[0-9a-f]{12,}"?', '"your_table"', named)


def sql(function: Callable[..., Any], data: Any, **arguments: Any) -> str:
    """The SQL that ``function(data, ...)`` runs on DuckDB, for reading and for review.

    The call is made once, with the fast lane for in-memory columns switched off, and each query
    is noted as it runs; what the call returns is dropped.

    Parameters
    ----------
    function : callable
        A churnlab function, such as ``cl.cohorts.retention``.
    data
        Its table.
    **arguments
        Its other arguments.

    Returns
    -------
    str
        The queries in order, each ended by a semicolon.

    Raises
    ------
    InputError
        If the table is held by an engine that is not DuckDB.

    Examples
    --------
    >>> import churnlab as cl
    >>> spells = cl.datasets.load("six_customers")
    >>> text = cl.engine.sql(cl.cohorts.retention, spells, as_of="2026-06-01")
    >>> "GROUP BY" in text
    True
    """
    heard: list[str] = []
    token = _recorder.set(heard)
    try:
        result = function(data, **arguments)
        frame = getattr(result, "frame", None)
        if frame is not None and hasattr(frame, "sql_query"):
            record(frame.sql_query)
    finally:
        _recorder.reset(token)
    if not heard:
        raise InputError(
            "no query ran on DuckDB: the call needs none, or the table is held by another engine, "
            "whose own tools show its queries (Spark and polars: frame.explain())."
        )
    return "\n\n".join(query.rstrip(";") + ";" for query in heard)
