"""Make the one shipped font: a renamed subset of a Chinese font, small enough for a wheel.

    python -m tools.subset_font FONT [--number N] [--text FILE ...]

FONT is the path of a font file, N the face in a collection. The subset holds Latin, Greek, signs,
the 3,755 characters of GB2312's first level, and every character of the text files.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FAMILY = "Churnlab Sans CJK"
FONTS = Path(__file__).resolve().parent.parent / "churnlab" / "fonts"


def gb2312(first_row: int, last_row: int) -> set[int]:
    """The characters of some rows of GB2312: 1 is signs, 6 Greek, 16 to 55 the first level."""
    cells = (
        bytes([0xA0 + row, 0xA0 + cell])
        for row in range(first_row, last_row + 1)
        for cell in range(1, 95)
    )
    return {ord(character) for cell in cells for character in cell.decode("gb2312", "ignore")}


def wanted(texts: list[str]) -> set[int]:
    """Code points the subset shall hold."""
    latin = set(range(0x20, 0x7F)) | set(range(0xA0, 0x180)) | set(range(0x2010, 0x2027))
    full_width = set(range(0xFF01, 0xFF5F))
    signs = {0x20AC, 0x2212} | gb2312(1, 1) | gb2312(6, 6)
    return latin | full_width | signs | gb2312(16, 55) | {ord(c) for c in "".join(texts)}


def rename(font: TTFont, family: str) -> None:
    """Give the font its own names; copyright (0), trademark (7) and licence (13, 14) stay."""
    names = {1: family, 2: "Regular", 3: f"{family} subset", 4: family, 6: family.replace(" ", "")}
    kept = [record for record in font["name"].names if record.nameID in (0, 7, 13, 14)]
    font["name"].names = [record for record in kept if record.platformID == 3]
    for name_id, text in names.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    if "CFF " in font:
        inside = font["CFF "].cff
        inside.fontNames = [names[6]]
        inside.topDictIndex[0].FamilyName = inside.topDictIndex[0].FullName = family


def subset(font: TTFont, code_points: set[int]) -> None:
    """Drop all glyphs but these, and all layout rules: labels are drawn one line at a time."""
    options = Options(layout_features=[], hinting=False, name_IDs="*", notdef_outline=True)
    options.drop_tables += ["GSUB", "GPOS", "BASE", "vhea", "vmtx", "VORG", "DSIG"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=code_points)
    subsetter.subset(font)


def main() -> None:
    """Read the arguments and write the font beside the package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("font", type=Path)
    parser.add_argument("--number", type=int, default=0, help="the face in a collection")
    parser.add_argument("--text", type=Path, nargs="*", default=[], help="further characters")
    parser.add_argument("--to", type=Path, default=FONTS)
    arguments = parser.parse_args()
    # A fixed time stamp: the same font gives the same bytes.
    font = TTFont(arguments.font, fontNumber=arguments.number, recalcTimestamp=False)
    subset(font, wanted([path.read_text(encoding="utf-8") for path in arguments.text]))
    rename(font, FAMILY)
    suffix = ".otf" if "CFF " in font else ".ttf"
    target = arguments.to / f"{FAMILY.replace(' ', '')}{suffix}"
    font.save(target)
    print(f"{target}: {len(font.getBestCmap()):,} characters, {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
