"""Names and values inside SQL, whatever they hold."""

from __future__ import annotations


def quote(name: str) -> str:
    """An SQL identifier, whatever the name holds."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """An SQL string, whatever the text holds."""
    return "'" + text.replace("'", "''") + "'"
