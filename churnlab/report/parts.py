"""What a page is made of: sections of sentences, tables and pictures, all plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

Format = Literal["whole", "percent", "money", "number", "day", "text"]


@dataclass(frozen=True)
class Shown:
    """A table on the page: the very frame of the library, and how its columns are written.

    ``headings`` gives the columns shown, in order, with their words; ``formats`` how they are
    written (text where nothing is said). ``small`` maps a count of customers to the columns of
    its row that it stands behind: where it is above 0 and below the smallest cell, all of them
    are withheld.
    """

    name: str
    frame: pd.DataFrame
    headings: Mapping[str, str]
    formats: Mapping[str, Format] = field(default_factory=dict)
    small: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    caption: str = ""


@dataclass(frozen=True)
class Picture:
    """A figure as an SVG image, with the sentence that stands for it where it cannot be seen."""

    svg: bytes = field(repr=False)
    alt: str
    caption: str = ""


@dataclass(frozen=True)
class Section:
    """One question of the page, with its answer or the reason why there is none.

    ``calls`` is the Python that gives the same tables, each under the ``name`` of its ``Shown``;
    ``missing`` says what to name or bring where the file has no answer.
    """

    name: str
    title: str
    says: tuple[str, ...] = ()
    tables: tuple[Shown, ...] = ()
    pictures: tuple[Picture, ...] = ()
    notes: tuple[str, ...] = ()
    calls: str = ""
    missing: str = ""
