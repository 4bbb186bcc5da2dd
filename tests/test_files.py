"""Files: what they are, how they are divided, and what is refused because only a person knows."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import sqlite3
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import churnlab as cl
from churnlab import engine
from tests.conftest import needs_module


def written(folder: Path, content: bytes | str, name: str = "data.txt") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows(file, **kinds) -> list[tuple]:
    """The rows of the columns c0, c1 … of the given names and kinds, in order."""
    wanted = {f"c{i}": column for i, column in enumerate(kinds.items())}
    frame = engine.collect(engine.scan(file, wanted).lazy)
    found = [tuple(None if pd.isna(v) else v for v in row) for row in frame.itertuples(index=False)]
    return sorted(found, key=str)


def ids(file, column="id") -> list:
    return [row[0] for row in rows(file, **{column: "id"})]


def refused(file, message, **kinds):
    with pytest.raises(cl.InputError, match=message) as found:
        rows(file, **(kinds or {"id": "id"}))
    assert "\n" not in str(found.value)
    assert len(str(found.value)) < 600
    return str(found.value)


# ------------------------------------------------------------------------------ the arguments
@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"encoding": "gb18031"}, r"encoding='gb18031' is not known.*'gb18030' \(Chinese\)"),
        ({"encoding": "zip"}, "is not known"),
        ({"encoding": 8}, "is not known"),
        ({"sep": ";;"}, "say ',', ';', '|', 'tab', or 'space'"),
        ({"sep": 1}, "sep=1: say"),
        ({"decimal": "'"}, "say decimal='.' or decimal=','"),
        ({"decimal": ",", "sep": ","}, "cannot both be"),
        ({"dayfirst": "yes"}, "dayfirst='yes': say True or False"),
        ({"dayfirst": 1}, "dayfirst=1: say True or False"),
        ({"names": "abc"}, "names='abc': give one name per column"),
        ({"names": []}, "give one name per column"),
        ({"names": ["a", ""]}, "give one name per column"),
        ({"names": ["a", "b", "A"]}, "'a' and 'A': one of a kind"),
        ({"sheet": 0}, "sheet=0: give the name"),
    ],
)
def test_what_cannot_be_told(told, message):
    with pytest.raises(cl.InputError, match=message.replace("|", r"\|")):
        cl.File("x.csv", **told)
    with pytest.raises(cl.InputError, match="path=5: give a path"):
        cl.File(5)


def test_a_file_is_a_value():
    assert cl.File("x", sep="tab") == cl.File("x", sep="\t")
    assert cl.File("x", encoding="GBK").encoding == "gbk"
    assert cl.File("x", names=["a", "b"]).names == ("a", "b")


def test_every_function_that_takes_a_path_takes_a_file(tmp_path):
    text = "Kunde;Tag\nÄ;05.06.2026\nÄ;06.07.2026\nB;05.06.2026\n"
    path = written(tmp_path, text.encode("cp1252"))
    told = cl.File(path, encoding="cp1252", dayfirst=True)

    found = cl.cohorts.retention(told, customer="Kunde", time="Tag", as_of="2026-08-01")
    spells = cl.spells.to_spells(
        told, customer="Kunde", time="Tag", inactivity=5, as_of="2026-08-01"
    )
    curve = cl.survival.kaplan_meier(spells)

    assert found[["n_start", "n_active"]].to_numpy().tolist() == [[2, 2], [2, 1]]
    assert sorted(spells.frame.df()["customer"]) == ["B", "Ä"]
    assert curve["estimate"].iloc[-1] == 0
    assert engine.column_names(told) == ["Kunde", "Tag"]


# --------------------------------------------------------------------------- what a file is
def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/"), text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zipped(a="1"), "spreadsheet or zip archive.*unpack it"),
        (zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "OpenDocument"),
        (b"PK\x03\x04rest", "spreadsheet or zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), r"\.xls\).*save it as \.xlsx"),
        (bz2.compress(b"id\n1\n"), "bzip2: unpack"),
        (lzma.compress(b"id\n1\n"), "xz: unpack"),
        (b"\x28\xb5\x2f\xfd\x04\x00", "zstd: unpack"),
        (b"%PDF-1.7\n", "a PDF"),
        (pickle.dumps({"id": 1}), "a pickle, which may run code"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "a web page or XML"),
        (b"\xef\xbb\xbf  <TABLE><tr></tr></TABLE>", "a web page or XML"),
        (gzip.compress(b"%PDF-1.7\n"), "a PDF"),
        (gzip.compress(b"PAR1"), "gzip with parquet inside"),
        (b"\x1f\x8b\x08broken", "begins as gzip but cannot be unpacked"),
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        (b"id,x\x00\n1,2\n", "zero bytes.*utf-16-le"),
    ],
)
def test_other_kinds_are_refused_by_name(tmp_path, content, message):
    for name in ("data.csv", "data.parquet"):
        refused(written(tmp_path, content, name), message)


def test_a_database_is_refused(tmp_path):
    path = tmp_path / "data.csv"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (id TEXT)")
    connection.close()

    refused(path, "an SQLite database: export")


def test_bytes_decide_and_never_the_name(tmp_path):
    assert ids(written(tmp_path, "id,x\n1,2\n", "data.parquet")) == ["1"]
    assert ids(written(tmp_path, "id,x\n1,2\n", "data.csv.gz")) == ["1"]
    assert ids(written(tmp_path, gzip.compress(b"id,x\n1,2\n"), "data.csv")) == ["1"]
    assert ids(written(tmp_path, gzip.compress(b'[{"id": "1"}]'), "data")) == ["1"]
    assert ids(written(tmp_path, gzip.compress(b"\xef\xbb\xbfid\n1\n"), "x.json.gz")) == ["1"]


@pytest.mark.parametrize(
    "name", ["a*.csv", "a[1].csv", "what's ?.csv", "数据 {1}.csv", '"; --.csv']
)
def test_a_path_that_exists_is_no_pattern(tmp_path, name):
    written(tmp_path, "id,x\n2,2\n", "a2.csv")
    written(tmp_path, "id,x\n2,2\n", "a1.csv")

    assert ids(written(tmp_path, "id,x\n1,2\n", name)) == ["1"]


@needs_module("pyarrow")
def test_arrow_files_and_streams(tmp_path):
    import pyarrow as pa

    table = pa.table({"id": ["007", "8"], "day": pd.to_datetime(["2026-01-01", "2026-01-02"])})
    file, stream = tmp_path / "file.csv", tmp_path / "stream"
    with pa.ipc.new_file(file, table.schema) as out:
        out.write_table(table)
    with pa.ipc.new_stream(stream, table.schema) as out:
        out.write_table(table)

    for path in (file, stream):
        assert rows(path, id="id", day="time")[0] == ("007", pd.Timestamp("2026-01-01"))
    assert ids([file, stream]) == ["007", "007", "8", "8"]
    refused(written(tmp_path, b"ARROW1\x00\x00rest"), "begins as an Arrow file but is broken")
    refused(cl.File(file, sep=","), "is an Arrow file, for which sep= says nothing")


@pytest.mark.parametrize(
    ("content", "told", "message"),
    [
        ("id,x\n1,2\n", {"sheet": "A"}, "a text file, for which sheet= says nothing"),
        ('[{"id": 1}]', {"sheet": "A"}, "JSON, for which sheet= says nothing"),
    ],
)
def test_options_that_say_nothing_are_refused(tmp_path, content, told, message):
    refused(cl.File(written(tmp_path, content), **told), message)


def test_parquet_takes_no_options(tmp_path):
    import duckdb

    path = tmp_path / "x.parquet"
    duckdb.sql("SELECT '1' AS id").write_parquet(str(path))

    assert ids(cl.File(path)) == ["1"]
    refused(cl.File(path, encoding="gbk"), "is Parquet, for which encoding= says nothing")


# --------------------------------------------------------------------------------- encodings
TEXT = "编号,城市\n甲,Müller €\n007,b\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_mark_decides(tmp_path, encoding, pack):
    import codecs

    content = TEXT.encode(encoding)
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    marks["utf-32-be"] = codecs.BOM_UTF32_BE
    path = written(tmp_path, pack(marks.get(encoding, b"") + content))

    assert rows(path, 编号="id", 城市="label") == [("007", "b"), ("甲", "Müller €")]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le", "utf-8", "utf-8-sig"])
def test_a_told_encoding_is_used(tmp_path, encoding):
    path = written(tmp_path, TEXT.encode(encoding))

    found = rows(cl.File(path, encoding=encoding), 编号="id", 城市="label")

    assert found == [("007", "b"), ("甲", "Müller €")]


def test_an_encoding_is_never_guessed(tmp_path):
    path = written(tmp_path, "id,city\n1,a\n2,b\n3,北京\n".encode("gb18030"))

    refused(path, r"not UTF-8 text \(.*line 4\): say encoding='gb18030' \(Chinese\), 'cp1252'")
    refused(cl.File(path, encoding="utf-8"), "line 4")
    western = written(tmp_path, "id,city\n1,a\n2,Köln\n".encode("cp1252"), "west.csv")
    refused(cl.File(western, encoding="shift_jis"), "not text in shift_jis: line 3")
    refused(cl.File(path, encoding="ascii"), "line 4")


@pytest.mark.parametrize("deep", [False, True])
def test_the_line_of_bytes_that_are_not_utf8(tmp_path, deep):
    before = 200_000 if deep else 10
    body = b"".join(b"%d,a plain city\n" % n for n in range(before))
    path = written(tmp_path, b"id,city\n" + body + "1,Köln\n".encode("cp1252"))

    refused(path, rf"line {before + 2:,}\).*cp1252", id="id", city="label")
    assert ("1", "Köln") in rows(cl.File(path, encoding="cp1252"), id="id", city="label")


@pytest.mark.parametrize(
    ("content", "told", "message"),
    [
        ("id\nä\n".encode("utf-8-sig"), "cp1252", "begins with the mark of utf-8"),
        ("id\nä\n".encode("utf-16"), "utf-8", "begins with the mark of utf-16-le"),
        (b"\xfe\xff" + "id\nä\n".encode("utf-16-be"), "utf-16-le", "the mark of utf-16-be"),
        ("id\nä\n".encode(), "cp1252", "is valid UTF-8"),
        ("id\nä\n".encode("utf-16-le"), "utf-16", "say encoding='utf-16-le' or 'utf-16-be'"),
        ("id\nä\n".encode("utf-16-le"), None, "zero bytes"),
    ],
)
def test_an_encoding_against_the_bytes_is_refused(tmp_path, content, told, message):
    refused(cl.File(written(tmp_path, content), encoding=told), message)


def test_a_copy_is_made_once_and_again_when_the_file_changes(tmp_path):
    from churnlab.engine import encodings

    path = written(tmp_path, "id,x\nä,1\n".encode("utf-16"))
    first = encodings.readable(path, None).path

    assert encodings.readable(path, None).path == first
    assert ids(path) == ["ä"]
    written(tmp_path, "id,x\nöö,1\n".encode("utf-16"))
    assert ids(path) == ["öö"]
    assert path.read_bytes()[:2] == b"\xff\xfe"  # the user's file is not touched


# -------------------------------------------------------------------------------- line ends
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end(tmp_path, end):
    path = written(tmp_path, end.join(["id,x", "007,1", '8,"a b"', ""]))

    assert rows(path, id="id", x="label") == [("007", "1"), ("8", "a b")]


@pytest.mark.parametrize("text", ["id,x\r\n1,2\n3,4\r\n", "id,x\n1,2\r\n3,4\n", "id,x\n1,2\r3,4\n"])
def test_mixed_line_ends(tmp_path, text):
    assert ids(written(tmp_path, text)) == ["1", "3"]


def test_blank_lines_are_skipped_and_rows_of_separators_are_not(tmp_path):
    path = written(tmp_path, "\n\nid,x,y\n1,2,3\n\n,,\n4,5,6\n\n\n")

    assert rows(path, id="id", y="number") == [("1", 3), ("4", 6), (None, None)]


# ------------------------------------------------------------------------------- separators
@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
def test_one_separator_fits(tmp_path, sep):
    text = "\n".join(sep.join(f) for f in (["id", "note"], ["007", f'"a{sep}b"'], ["8", "c d"]))

    assert rows(written(tmp_path, text), id="id", note="label") == [
        ("007", f"a{sep}b"),
        ("8", "c d"),
    ]


def test_several_fit_and_one_is_told(tmp_path):
    path = written(tmp_path, "id;x,y\n1;2,3\n4;5,6\n")

    message = refused(path, "can be divided in several ways.*say which, with sep=")
    assert "sep=',': ['id;x', 'y']; or sep=';': ['id', 'x,y']" in message
    assert ids(cl.File(path, sep=";")) == ["1", "4"]
    assert ids(cl.File(path, sep=","), "id;x") == ["1;2", "4;5"]


def test_a_decimal_comma_does_not_divide(tmp_path):
    path = written(tmp_path, "id;amount\n1;2,5\n4;5\n")

    assert rows(cl.File(path, decimal=","), id="id", amount="amount") == [("1", 2.5), ("4", 5.0)]


@pytest.mark.parametrize("text", ["sep=;\nid;x\n1;2\n", "\ufeffsep=;\r\nid;x\r\n1;2\r\n"])
def test_the_line_sep_is_honoured(tmp_path, text):
    path = written(tmp_path, text)

    assert ids(path) == ["1"]
    assert ids(cl.File(path, sep=";")) == ["1"]
    refused(cl.File(path, sep=","), "says sep=; and sep=',' is told")


def test_one_column(tmp_path):
    assert ids(written(tmp_path, "id\n007\n8\n")) == ["007", "8"]
    assert ids(written(tmp_path, 'id\n"a,b"\n8\n')) == ["8", "a,b"]


@pytest.mark.parametrize(
    ("text", "line", "fields"),
    [
        ("id,x\n1,2\n3\n", 3, "1 field "),
        ("id,x\n1,2,\n", 2, "3 fields"),
        ("id,x\n\n1,2\n1,2,3\n", 4, "3 fields"),
        ("sep=,\nid,x\n1,2,3\n", 3, "3 fields"),
        ("Report\nid,x\n1,2\n", 2, "2 fields"),
    ],
)
def test_ragged_rows_are_refused_with_their_line(tmp_path, text, line, fields):
    refused(written(tmp_path, text), f"fields of its header: line {line} has {fields}")


@pytest.mark.parametrize("row", ["7", "7,8,9,10", "7,8,9,", "x, y,2026-01-01,", "7,8,,"])
@pytest.mark.parametrize("column", ["id", "z"])
def test_a_ragged_row_far_down_is_refused_with_its_line(tmp_path, row, column):
    lines = [f"{n},a,2026-01-01" for n in range(500_000)]
    lines[400_000] = row
    path = written(tmp_path, "id,y,z\n" + "\n".join(lines) + "\n")

    refused(path, "line 400,002 has", **{column: "id"})


def test_a_quote_that_is_not_closed(tmp_path):
    refused(written(tmp_path, 'id,x\n1,"2\n3,4\n'), "quote|fields of its header")
    far = "id,x\n" + "1,2\n" * 300_000 + '3,"4\n' + "1,2\n" * 300_000
    refused(written(tmp_path, far), "quote")
    early = 'id,x\n1,"2\n' + "1,2\n" * 300_000
    refused(written(tmp_path, early), "quote")


def test_quoted_line_ends_in_a_large_file(tmp_path):
    text = "id,x\n" + "".join(f'{n},"a\n,""{n}"""\n' for n in range(300_000))

    frame = engine.scan(written(tmp_path, text), {"i": ("id", "id"), "x": ("x", "id")})
    found = engine.collect(frame.lazy)

    assert len(found) == 300_000
    assert (found["x"] == 'a\n,"' + found["i"] + '"').all()


# ----------------------------------------------------------------------------------- headers
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,x,id\n1,2,3\n", "two columns named 'id'"),
        ("id,x,ID\n1,2,3\n", "differ only in case, 'id' and 'ID'"),
        ("1,2026-01-05,9.5\n2,2026-01-06,1\n", r"seems to have no header.*names=\[...\]"),
        ("5/3/2026,7\n5/4/2026,8\n", "seems to have no header"),
        ("Report,,\nid,x,y\n1,2,3\n", "'Report'. alone: delete what stands above"),
    ],
)
def test_headers_that_are_refused(tmp_path, text, message):
    refused(written(tmp_path, text), message)


HOSTILE = [
    'a"b',
    "a'b",
    "time\nout",
    " blank ",
    "区域",
    "'; DROP TABLE x; --",
    "<b>",
    "#x",
    "c0",
    "sep=;",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(tmp_path, name):
    frame = pd.DataFrame({name: ["007", "8"], "x": [1, 2]})
    path = tmp_path / "data.csv"
    for options in ({}, {"encoding": "utf-8-sig"}):
        frame.to_csv(path, index=False, **options)
        assert ids(path, name) == ["007", "8"]
        assert engine.column_names(path) == [name, "x"]


def test_names_that_are_empty_may_go_unused(tmp_path):
    path = written(tmp_path, ",id,,column2\n0,a,1,2\n1,b,1,2\n")

    assert ids(path) == ["a", "b"]
    assert engine.column_names(path) == ["column0", "id", "column2_", "column2"]


def test_names_are_told(tmp_path):
    path = written(tmp_path, "\n007,2026-01-01\n8,2026-01-02\n")

    assert ids(cl.File(path, names=["id", "day"])) == ["007", "8"]
    assert ids(cl.File(written(tmp_path, "007\n8\n", "one.csv"), names=["id"])) == ["007", "8"]
    two = written(tmp_path, "007,2026-01-01\n", "two.csv")
    refused(cl.File(two, names=["id"]), r"names= gives 1 names, and the rows of .* have 2 fields")


def test_runs_of_blanks(tmp_path):
    text = (
        " 00001 19970101  1   11.77\n 00002 19970112  1   12.00\r\n 00002 19970112  5   77.00\n\n"
    )
    path = written(tmp_path, text, "master [1].txt")
    told = cl.File(path, sep="space", names=["id", "day", "n", "amount"])

    found = rows(told, id="id", day="time", n="number", amount="amount")

    assert found[0] == ("00001", pd.Timestamp("1997-01-01"), 1, 11.77)
    assert len(found) == 3
    refused(cl.File(written(tmp_path, "a b\n1 2\n3\n"), sep="space"), "line 3 has 1 field ", a="id")
    assert ids(cl.File(written(tmp_path, "id  x\n\t007 \t2\n"), sep="space")) == ["007"]
    odd = written(tmp_path, 'id x\n"1 ü\n'.encode("cp1252"))
    assert ids(cl.File(odd, sep="space", encoding="cp1252")) == ['"1']
    refused(cl.File(odd, sep="space"), "line 2")


# ------------------------------------------------------------------------------ several files
def test_several_files_of_several_shapes(tmp_path):
    a = written(tmp_path, "id,day\n1,13/05/2026\n", "a.csv")
    b = written(tmp_path, "day;id\r\n04/05/2026;2\r\n", "b.csv")
    c = written(tmp_path, "id\tday\n3\t05/05/2026\n".encode("utf-16"), "c.csv")

    found = rows([a, b, c], id="id", day="time")

    assert found == [
        ("1", pd.Timestamp("2026-05-13")),
        ("2", pd.Timestamp("2026-05-04")),
        ("3", pd.Timestamp("2026-05-05")),
    ]
    assert rows(tmp_path, id="id", day="time") == found
    assert rows(cl.File(str(tmp_path / "*.csv"), dayfirst=True), id="id", day="time") == found
    written(tmp_path, "id,day\n1,05/13/2026\n", "d.csv")
    refused(tmp_path, "cannot be day first", id="id", day="time")


def test_files_of_other_columns_are_refused(tmp_path):
    a = written(tmp_path, "id,x\n1,2\n", "a.csv")
    b = written(tmp_path, "id,y\n1,2\n", "b.csv")

    refused([a, b], "differ in the columns 'x', 'y'")
