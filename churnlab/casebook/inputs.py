"""A row's inputs, read from ``key=value;…``, and numbers written as a person would."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pandas as pd

Inputs = dict[str, Any]

FACTORS = ("price", "call_quality", "coverage", "customer_service", "image", "new_technology")


def parse(text: str) -> Inputs:
    """Inputs by key: numbers as numbers, shares such as 1/16 as fractions, the rest as text."""
    pairs = (part.partition("=") for part in text.split(";") if part)
    return {key: _value(value) for key, _, value in pairs}


def _value(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return Fraction(text) if "/" in text else float(text)
    except ValueError:
        return text


def items(inputs: Inputs) -> list[str]:
    """The keys of a numbered list, in its order."""
    return [key for key in inputs if key.isdigit()]


def written(value: Any) -> str:
    """A computed value as text: no exponents, no trailing zeros, ten digits at most."""
    if isinstance(value, str):
        return value
    number = float(value)
    whole = round(number)
    if abs(number - whole) <= 1e-9 * max(1.0, abs(number)):
        return str(whole)
    return f"{number:.10f}".rstrip("0") if abs(number) < 1 else f"{number:.10g}"


def percent(share: float) -> str:
    """A share in per cent with two digits behind the point at most."""
    return f"{100 * float(share):.2f}".rstrip("0").rstrip(".")


def ratings(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    """One customer's table of (factor, satisfaction, importance, improvability)."""
    return pd.DataFrame(rows, columns=["factor", "satisfaction", "importance", "improvability"])
