"""Hundreds of studies that are broken, or odd, or hostile: each is a name and how to write it into a folder."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import os
import socket
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

BOOK = """format = 1
name = "made"
answers = "answers.csv"
person = "id"
columns = "{relationship}{item}"
missing = ["NA", ""]

[relationships]
reference = "mother"
codes = { m = "mother", f = "father" }

[instrument]
use = "ecr-rs"

[covariates]
age = { column = "age", unit = "year", range = [0, 110] }
note = { column = "note" }
"""
HEADER = ["id", *(f"{code}{item}" for code in "mf" for item in range(1, 10)), "age", "note"]

type Rows = list[list[str]]
type Case = tuple[str, Callable[[Path], object]]


def rows(persons: int = 30) -> Rows:
    """Return a header and answers that follow the key of the ECR-RS."""
    rng = np.random.default_rng(1)
    minus = np.array([item <= 4 for item in range(1, 10)] * 2)
    latent = rng.normal(size=(persons, 1)) + 0.7 * rng.normal(size=(persons, 18))
    answers = np.clip(np.round(4 + 1.6 * np.where(minus, -latent, latent)), 1, 7).astype(int)
    made = [[f"p{n}", *map(str, row), str(20 + n % 40), "née Müller"] for n, row in enumerate(answers, start=1)]
    return [HEADER, *made]


def text(table: Rows, separator: str = ",", end: str = "\n") -> str:
    """Return a table as text."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=separator, lineterminator=end).writerows(table)
    return buffer.getvalue()


def cases() -> list[Case]:
    """Return all cases, the kinds mixed, so that any first part of the list has something of each."""
    kinds = [encodings(), separators(), damaged_text(), shapes(), cells(), codebooks(), binary(), places(), large()]
    listed = [list(kind) for kind in kinds]
    deepest = max(map(len, listed))
    order = [(position / len(kind), case) for kind in listed for position, case in enumerate(kind)]
    assert deepest > 0
    return [case for _, case in sorted(order, key=lambda entry: entry[0])]


def write(folder: Path, answers: str | bytes, book: str | bytes = BOOK, name: str = "answers.csv") -> None:
    """Write a study."""
    content = answers.encode() if isinstance(answers, str) else answers
    words = book.encode() if isinstance(book, str) else book
    (folder / "study.toml").write_bytes(words.replace(b"answers.csv", name.encode()))
    (folder / name).write_bytes(content)


def with_file(words: str) -> str:
    """Return the codebook with a table about the file."""
    return BOOK + f"\n[file]\n{words}\n"


def with_column(index: int, value: Callable[[int, str], str]) -> str:
    """Return the answers with every cell of a column changed, by the number of its row."""
    table = rows()
    return text([table[0], *([*r[:index], value(n, r[index]), *r[index + 1 :]] for n, r in enumerate(table[1:]))])


def encodings() -> Iterator[Case]:
    plain = text(rows())
    for encoding in [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-7",
        "latin-1",
        "cp1252",
        "cp437",
        "cp500",
        "mac_roman",
        "iso8859_15",
    ]:
        content = plain.encode(encoding)
        yield f"in {encoding}, not said", lambda f, c=content: write(f, c)
        yield f"in {encoding}, said", lambda f, c=content, e=encoding: write(f, c, with_file(f'encoding = "{e}"'))
    for said in (
        "nonsense",
        "",
        "idna",
        "punycode",
        "base64",
        "rot13",
        "undefined",
        "unicode_escape",
        "raw\\u0000",
        "x" * 5000,
    ):
        yield f"encoding said to be {said[:12]!r}", lambda f, e=said: write(f, plain, with_file(f'encoding = "{e}"'))


def separators() -> Iterator[Case]:
    table = rows()
    for separator in ",;\t| :~^":
        yield f"separated by {separator!r}", lambda f, s=separator: write(f, text(table, s))
        for said in (",", ";", "\\t", "é"):
            book = with_file(f'separator = "{said}"')
            yield f"by {separator!r}, said {said!r}", lambda f, s=separator, b=book: write(f, text(table, s), b)
    comma = [table[0], *([row[0], *(f"{cell},0" for cell in row[1:19]), *row[19:]] for row in table[1:])]
    for separator in ";\t,":
        yield f"decimal commas by {separator!r}", lambda f, s=separator: write(f, text(comma, s))
        yield (
            f"decimal said by {separator!r}",
            lambda f, s=separator: write(f, text(comma, s), with_file('decimal = ","')),
        )
    for end in ("\r\n", "\r", "\n\n", "\n\r", "\x0b", "\x0c", "\u2028", "\x1e"):
        yield f"lines end in {end!r}", lambda f, e=end: write(f, text(table).replace("\n", e))


def damaged_text() -> Iterator[Case]:
    plain = text(rows()).encode()
    rng = np.random.default_rng(2)
    for place in (0, 1, 10, 200, len(plain) - 1):
        yield f"NUL at {place}", lambda f, p=place: write(f, plain[:p] + b"\0" + plain[p:])
    yield "NUL late", lambda f: write(f, text(rows(200)).encode() + b"\0,\0\n")
    for size in (1, 3, 20, 57, 300, 1001, len(plain) - 2):
        yield f"cut after {size} bytes", lambda f, n=size: write(f, plain[:n])
    for number in range(8):
        flipped = bytearray(plain)
        for place in rng.integers(0, len(plain), 20):
            flipped[place] = int(rng.integers(0, 256))
        yield f"20 bytes changed, {number}", lambda f, c=bytes(flipped): write(f, c)
    for size in (1, 100, 5000):
        yield f"{size} bytes of noise", lambda f, n=size: write(f, np.random.default_rng(n).bytes(n))
    yield "a quote never closed", lambda f: write(f, plain.decode().replace("p3,", 'p3,"', 1))
    yield "a long quote never closed", lambda f: write(f, '"' + "x," * 200_000 + "\n" + plain.decode())
    yield "a cell of 300,000 letters", lambda f: write(f, plain.decode().replace("née Müller", "x" * 300_000, 1))
    yield "a line of 300,000 quotes", lambda f: write(f, '"' * 300_000 + "\n" + plain.decode())
    yield "quotes within words", lambda f: write(f, plain.decode().replace("née", 'n"é"e'))
    yield "a note over lines", lambda f: write(f, plain.decode().replace("née Müller", '"née\nMüller"'))
    yield "lone surrogates", lambda f: write(f, plain.replace(b"p2", b"\xed\xa0\x80"))
    yield "bidirectional marks", lambda f: write(f, plain.decode().replace("p2,", "\u202ep2,"))
    yield "control codes of a terminal", lambda f: write(f, plain.decode().replace("p2,", "\x1b[31mp2,"))


def shapes() -> Iterator[Case]:
    table = rows()
    head = table[0]
    yield "no bytes", lambda f: write(f, b"")
    yield "only a line end", lambda f: write(f, b"\n")
    yield "only spaces", lambda f: write(f, b"   \n  \n")
    yield "only a BOM", lambda f: write(f, b"\xef\xbb\xbf")
    yield "only a BOM of UTF-16", lambda f: write(f, b"\xff\xfe")
    yield "only a header", lambda f: write(f, text([head]))
    yield "no header", lambda f: write(f, text(table[1:]))
    yield "the header twice", lambda f: write(f, text([head, *table]))
    yield "one person", lambda f: write(f, text(table[:2]))
    yield "two persons", lambda f: write(f, text(table[:3]))
    yield "one column", lambda f: write(f, text([row[:1] for row in table]))
    yield "no person", lambda f: write(f, text([row[1:] for row in table]))
    yield "no items", lambda f: write(f, text([[row[0], *row[19:]] for row in table]))
    yield "half of the items", lambda f: write(f, text([[*row[:10], *row[19:]] for row in table]))
    yield "columns twice", lambda f: write(f, text([[*row, *row] for row in table]))
    yield "a name of columns twice", lambda f: write(f, text([["id", "m1", "m1", *head[3:]], *table[1:]]))
    yield "names of columns empty", lambda f: write(f, text([["" for _ in head], *table[1:]]))
    yield "names with spaces", lambda f: write(f, text([[f"  {name} " for name in head], *table[1:]]))
    yield "names in capitals", lambda f: write(f, text([[name.upper() for name in head], *table[1:]]))
    yield "a short row", lambda f: write(f, text([*table[:5], table[5][:4], *table[6:]]))
    yield "a long row", lambda f: write(f, text([*table[:5], [*table[5], "x"], *table[6:]]))
    yield "ragged rows", lambda f: write(f, text([row[: 3 + n % 15] for n, row in enumerate(table)]))
    yield "empty lines between", lambda f: write(f, text(table, end="\n\n\n"))
    yield "a comma at the end of each line", lambda f: write(f, text([[*row, ""] for row in table]))
    yield "rows twice", lambda f: write(f, text([*table, *table[1:]]))
    yield "every id the same", lambda f: write(f, with_column(0, lambda n, cell: "same"))
    yield "no ids", lambda f: write(f, with_column(0, lambda n, cell: ""))
    yield "ids that are spaces", lambda f: write(f, with_column(0, lambda n, cell: " " * n))
    yield "ids in two writings", lambda f: write(f, with_column(0, lambda n, cell: f"{n % 5}.0" if n % 2 else str(n)))
    yield "ids of one sign", lambda f: write(f, with_column(0, lambda n, cell: "=@+-\t"[n % 5]))
    yield "turned: persons in columns", lambda f: write(f, text([list(row) for row in zip(*table, strict=True)]))


def cells() -> Iterator[Case]:
    odd = [
        "inf",
        "-inf",
        "nan",
        "NaN",
        "1e400",
        "-1e400",
        "1e-400",
        "0x5",
        "1_0",
        "٣",
        "½",
        "３",
        "TRUE",
        "2026-01-31",
        "31.01.2026",
        "12:30",
        "5,5",
        "5.5",
        "5.0",
        "05",
        "+5",
        "-5",
        "0",
        "8",
        "99",
        "-99",
        "9",
        "=1+1",
        "@SUM(A1)",
        "#N/A",
        "#NULL!",
        ".",
        "?",
        "<script>",
        "5%",
        "5€",
        "😀",
        "\u200b5",
        "\xa05",
        "1e3",
        "9223372036854775808",
        "None",
    ]
    for value in [
        *odd,
        "strongly agree",
        "9" * 400,
        "x" * 100_000,
        "5 ",
        " 5",
        '"',
        "\u202e5",
        "{item}",
        "%s%n",
        "\x1b[2J",
    ]:
        yield (
            f"item cells of {value[:14]!r}",
            lambda f, v=value: write(f, with_column(3, lambda n, c: v if n % 4 == 0 else c)),
        )
    for value in ("", "NA", "4", "oops", "inf", "1e400"):
        yield f"an item all {value!r}", lambda f, v=value: write(f, with_column(3, lambda n, c: v))
        yield (
            f"everything {value!r}",
            lambda f, v=value: write(f, text([HEADER, *([r[0], *[v] * 18, *r[19:]] for r in rows()[1:])])),
        )
        yield (
            f"a relationship all {value!r}",
            lambda f, v=value: write(f, text([HEADER, *([*r[:10], *[v] * 9, *r[19:]] for r in rows()[1:])])),
        )
    for value in ("old", "-3", "999", "inf", "1e400", "12.5", "nan"):
        yield f"ages of {value!r}", lambda f, v=value: write(f, with_column(19, lambda n, c: v))
    yield "every person another answer", lambda f: write(f, with_column(3, lambda n, c: f"{1 + n / 7:.9f}"))
    yield (
        "two categories",
        lambda f: write(f, text([HEADER, *([r[0], *("17"[n % 2] for n in range(18)), *r[19:]] for r in rows()[1:])])),
    )


def codebooks() -> Iterator[Case]:
    plain = text(rows())
    lines = BOOK.splitlines()
    for number, line in enumerate(lines):
        if line:
            cut = "\n".join([*lines[:number], *lines[number + 1 :]])
            yield f"codebook without {line[:24]!r}", lambda f, b=cut: write(f, plain, b)
    swaps = {
        "format = 1": [
            "format = 2",
            'format = "1"',
            "format = 1.5",
            "format = true",
            "format = []",
            "format = " + "9" * 5000,
        ],
        'name = "made"': [
            "name = 3",
            'name = ""',
            'name = "a\\u0000b"',
            f'name = "{"n" * 100_000}"',
            'name = "../../x"',
        ],
        'person = "id"': ['person = "row"', 'person = "nobody"', "person = []", 'person = "m1"', 'person = ""'],
        'columns = "{relationship}{item}"': [
            'columns = "{item}"',
            'columns = "{relationship}"',
            'columns = "{item}{item}{relationship}"',
            'columns = "{relationship}{item}{occasion}"',
            'columns = "{"',
            'columns = ""',
            'columns = "{}"',
            'columns = "{what}{item}"',
            'columns = "((a+)+{relationship}{item}"',
            'columns = { item = "item", answer = "answer" }',
            "columns = 7",
        ],
        'missing = ["NA", ""]': [
            "missing = 9",
            "missing = [true]",
            "missing = [[1]]",
            "missing = [1, 2, 3, 4, 5, 6, 7]",
            "missing = [inf]",
        ],
        'reference = "mother"': ['reference = "aunt"', "reference = 1", 'reference = ""'],
        'codes = { m = "mother", f = "father" }': [
            'codes = { m = "mother", f = "mother" }',
            "codes = {}",
            'codes = { m = "mother" }',
            'codes = { x = "mother", y = "father" }',
            'codes = { "" = "mother", f = "father" }',
            'codes = { m = "../../etc", f = "father" }',
            'codes = ["m", "f"]',
        ],
        'use = "ecr-rs"': [
            'use = "ecr-rx"',
            'use = "../models/single"',
            "use = 1",
            'use = "ecr-rs"\nrange = [7, 1]',
            'use = "ecr-rs"\nrange = [1, 1000000000]',
            'use = "ecr-rs"\nrange = [-40000, 40000]',
            'use = "ecr-rs"\nrange = [1, 40000]',
            'use = "ecr-rs"\nrange = [1.5, 7]',
            'use = "ecr-rs"\nrange = [1, inf]',
            'use = "ecr-rs"\nrange = [1, 99999999999999999999]',
            'use = "ecr-rs"\nunused = ["1", "2", "3", "4", "5", "6", "7", "8", "9"]',
            'use = "ecr-rs"\nreversed_in_file = ["77"]',
            'use = "ecr"',
            'use = "rq"',
        ],
        'age = { column = "age", unit = "year", range = [0, 110] }': [
            'age = { column = "nothing" }',
            'age = { column = "age", range = [110, 0] }',
            'age = { column = "age", range = [nan, nan] }',
            'age = { column = "age", range = [-inf, inf] }',
            'age = { column = "age", categories = [] }',
            'age = { column = "m1", categories = { "1" = "one" } }',
            "age = 5",
        ],
        "format = 1\n": [
            'answers2 = "x"\nformat = 1\n',
            "format = 1\nformat = 1\n",
            'format = 1\nlayout = "long"\n',
            'format = 1\nlayout = "round"\n',
            'format = 1\nduplicates = "last"\n',
            'format = 1\ncluster = "nothing"\n',
            "format = 1\nnot_applicable = [4]\n",
            "format = 1\noutcomes = 3\n",
            "[" * 5000 + "\n",
            "x = " + "[" * 5000 + "\n",
            "x = " + "{a=" * 3000 + "\n",
        ],
    }
    for old, others in swaps.items():
        for new in others:
            yield f"codebook: {new[:40]!r}", lambda f, o=old, n=new: write(f, plain, BOOK.replace(o, n, 1))
    more = [
        '[occasions]\ncolumn = "age"',
        '[occasions]\nunit = "year"\ntimes = [0, 1]',
        '[occasions]\ntimes = ["2026-13-45"]\nunit = "day"',
        '[occasions]\ntime = "age"\nunit = "fortnight"',
        '[occasions]\ntime = "note"\nunit = "day"',
        '[members]\nfamily = "id"\nrole = "note"',
        '[members]\nfamily = "nothing"',
        '[inputs.care]\nconvention = "hold"\ncolumn = "note"',
        '[inputs.care]\nconvention = "hold"\nfile = "../../../etc/passwd"\nperson = "id"\ntime = "t"\nvalue = "v"',
        '[inputs.care]\nconvention = "hold"\nfile = "/etc/passwd"\nperson = "id"\ntime = "t"\nvalue = "v"',
        '[inputs."../care"]\nconvention = "since"\nfile = "answers.csv"\nperson = "id"\ntime = "age"\nvalue = "m1"',
        '[inputs.care]\nconvention = "pulse"\nfile = "a\\u0000b.csv"\nperson = "id"\ntime = "age"\nvalue = "m1"',
        '[events]\nfile = "answers.csv"\nperson = "id"\ntime = "age"\nclass = "note"',
        '[events]\nfile = "none.csv"\nperson = "id"\ntime = "age"\nclasses = ["x"]',
        '[items]\n1 = { dimension = "others", keyed = "*" }',
        "[items]\n1 = { range = [1, 3] }",
        '[items]\n"1; drop" = { dimension = "self", keyed = "+" }',
        '[relationships.not_applicable]\nfather = { column = "note", values = ["née Müller"] }',
        '[relationships.not_applicable]\naunt = { column = "note", values = ["x"] }',
        '[ignore]\ncolumns = ["[", "*", "***********************a"]',
        "[ignore]\ncolumns = 3",
        "[scores]\nx = 1",
        "[file]\nsheet = 4",
    ]
    for words in more:
        yield f"codebook with {words[:50]!r}", lambda f, w=words: write(f, plain, f"{BOOK}\n{w}\n")
    raw = BOOK.encode()
    for name, content in {
        "no bytes": b"",
        "NUL": raw.replace(b"made", b"ma\0de"),
        "latin-1": raw.replace(b"made", "né".encode("latin-1")),
        "UTF-16": BOOK.encode("utf-16"),
        "a BOM": b"\xef\xbb\xbf" + raw,
        "noise": np.random.default_rng(3).bytes(3000),
        "3 MB": raw + b"#" * 3_000_000,
        "cut": raw[:150],
        "a picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    }.items():
        yield f"codebook of {name}", lambda f, c=content: write(f, plain, c)
    for named in (
        "/dev/zero",
        "/etc/passwd",
        "../answers.csv",
        ".",
        "",
        "a" * 300,
        "answers.csv/x",
        "\\u0000.csv",
        "~",
        "*",
    ):
        book = BOOK.replace('answers = "answers.csv"', f'answers = "{named}"')
        yield f"answers named {named[:12]!r}", lambda f, b=book: (write(f, plain), (f / "study.toml").write_text(b))


def frame() -> Any:
    """Return the answers as a data frame."""
    import pandas as pd

    table = pd.DataFrame(rows()[1:], columns=HEADER)
    table[HEADER[1:20]] = table[HEADER[1:20]].astype(float)
    return table


def packed() -> dict[str, bytes]:
    """Return the answers as the bytes of a workbook, a Parquet, an SPSS and a Stata file."""
    import tempfile

    import pyreadstat

    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder, table = Path(name), frame()
        table.to_excel(folder / "a.xlsx", index=False)
        table.to_parquet(folder / "a.parquet")
        pyreadstat.write_sav(table, folder / "a.sav")
        pyreadstat.write_sav(table, folder / "a.zsav", compress=True)
        pyreadstat.write_dta(table, folder / "a.dta")
        (folder / "a.csv.gz").write_bytes(gzip.compress(text(rows()).encode()))
        return {path.name[1:]: path.read_bytes() for path in sorted(folder.iterdir())}


def binary() -> Iterator[Case]:
    whole = packed()
    rng = np.random.default_rng(4)
    for suffix, content in whole.items():
        yield f"whole {suffix}", lambda f, c=content, s=suffix: write(f, c, name=f"answers{s}")
        for share in (0.02, 0.3, 0.7, 0.99):
            cut = content[: int(share * len(content))]
            yield f"{share:.0%} of {suffix}", lambda f, c=cut, s=suffix: write(f, c, name=f"answers{s}")
        for number in range(3):
            flipped = bytearray(content)
            for place in rng.integers(0, len(content), 5):
                flipped[place] ^= int(rng.integers(1, 256))
            yield f"changed {suffix}, {number}", lambda f, c=bytes(flipped), s=suffix: write(f, c, name=f"answers{s}")
        for other in whole:
            if other != suffix:
                yield f"{suffix} called {other}", lambda f, c=content, s=other: write(f, c, name=f"answers{s}")
        yield f"{suffix} called .csv", lambda f, c=content: write(f, c)
        yield f"text called {suffix}", lambda f, s=suffix: write(f, text(rows()), name=f"answers{s}")
        yield f"no bytes called {suffix}", lambda f, s=suffix: write(f, b"", name=f"answers{s}")
    yield "a sheet that is not there", lambda f: write(f, whole[".xlsx"], with_file('sheet = "x"'), "answers.xlsx")
    yield "an empty workbook", lambda f: write(f, workbook([]), name="answers.xlsx")
    yield "a workbook of a header", lambda f: write(f, workbook([HEADER]), name="answers.xlsx")
    yield "a workbook of dates", lambda f: write(f, workbook(dates()), name="answers.xlsx")
    yield "a workbook of formulas", lambda f: write(f, workbook([HEADER, *[["=1+1"] * 21] * 3]), name="answers.xlsx")
    yield (
        "a workbook, ragged",
        lambda f: write(f, workbook([r[: 2 + n % 20] for n, r in enumerate(rows())]), name="answers.xlsx"),
    )
    yield "a workbook with a far cell", lambda f: write(f, far_cell(), name="answers.xlsx")
    yield "a workbook that grows", lambda f: write(f, growing_workbook(), name="answers.xlsx")
    yield "a workbook of entities", lambda f: write(f, entities(whole[".xlsx"]), name="answers.xlsx")
    yield "a zip, no workbook", lambda f: write(f, zipped({"a.txt": b"x"}), name="answers.xlsx")
    yield (
        "an encrypted workbook",
        lambda f: write(f, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), name="answers.xlsx"),
    )
    yield "gzip that grows", lambda f: write(f, gzip.compress(bytes(600_000_000), 1), name="answers.csv.gz")
    yield "Parquet with lists", lambda f: write(f, nested_parquet(), name="answers.parquet")
    yield "Parquet that grows", lambda f: write(f, growing_parquet(), name="answers.parquet")


def workbook(table: list[list[Any]]) -> bytes:
    import openpyxl

    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for row in table:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(buffer)
    return buffer.getvalue()


def dates() -> list[list[Any]]:
    import datetime

    return [list(HEADER), *([f"p{n}", *[datetime.datetime(2026, 1, 1 + n)] * 18, 30, "x"] for n in range(10))]


def far_cell() -> bytes:
    """Return a workbook of two cells, of which the second is the last that there can be."""
    import openpyxl

    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"], book.active["XFD1048576"] = "id", 1  # type: ignore[index]
    book.save(buffer)
    return buffer.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return buffer.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return {name: made.read(name) for name in made.namelist()}


def growing_workbook() -> bytes:
    """Return a workbook whose sheet unpacks into 600 MB."""
    parts = parts_of(workbook([["id", "m1"]]))
    return zipped(parts | {"xl/worksheets/sheet1.xml": b" " * 600_000_000})


def entities(content: bytes) -> bytes:
    """Return a workbook whose texts are entities of entities, a billion letters in all."""
    names = "abcdefghij"
    levels = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in itertools.pairwise(names))
    head = f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a "lolololol">{levels}]>'
    sheet = f'{head}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    sheet += '<c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row></sheetData></worksheet>'
    return zipped(parts_of(content) | {"xl/worksheets/sheet1.xml": sheet.encode()})


def nested_parquet() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.table({"id": ["a", "b"], "m1": [[1, 2], [3]], "m2": [{"x": 1}, {"x": 2}]}), buffer)
    return buffer.getvalue()


def growing_parquet() -> bytes:
    """Return a file of a few kilobytes with 30 million rows of a text of 100 letters."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    indices = pa.array(np.zeros(30_000_000, np.int8))
    same = pa.DictionaryArray.from_arrays(indices, pa.array(["x" * 100]))
    buffer = io.BytesIO()
    pq.write_table(pa.table({"id": same, "m1": same}), buffer)
    return buffer.getvalue()


def places() -> Iterator[Case]:
    plain = text(rows())

    def study(folder: Path, make: Callable[[Path], object]) -> None:
        (folder / "study.toml").write_text(BOOK)
        make(folder / "answers.csv")

    yield "a folder for answers", lambda f: study(f, lambda path: path.mkdir())
    yield "answers that link to themselves", lambda f: study(f, lambda path: path.symlink_to(path))
    yield "answers that link to nothing", lambda f: study(f, lambda path: path.symlink_to("nothing.csv"))
    yield "answers that link to zeros", lambda f: study(f, lambda path: path.symlink_to("/dev/zero"))
    yield "answers that are a pipe", lambda f: study(f, lambda path: os.mkfifo(path))
    yield "answers that are a socket", lambda f: study(f, bound)
    yield "answers nobody may read", lambda f: (write(f, plain), (f / "answers.csv").chmod(0))
    yield "no answers", lambda f: (f / "study.toml").write_text(BOOK)
    yield "no codebook", lambda f: (f / "answers.csv").write_text(plain)
    yield "an empty folder", lambda f: None
    yield "a codebook that is a folder", lambda f: (f / "study.toml").mkdir()
    yield "a codebook that is a pipe", lambda f: os.mkfifo(f / "study.toml")
    yield "a codebook that links to zeros", lambda f: (f / "study.toml").symlink_to("/dev/zero")
    yield "a codebook that links to itself", lambda f: (f / "study.toml").symlink_to("study.toml")
    yield "a codebook that nobody may read", lambda f: (write(f, plain), (f / "study.toml").chmod(0))


def bound(path: Path) -> None:
    """Put a socket at a path; its own name is too long for the system where the folder's is long."""
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def large() -> Iterator[Case]:
    yield (
        "a million rows",
        lambda f: write(
            f,
            "id,answer,item,who\n"
            + "".join(f"{n // 18},{1 + n * 7 % 7},{1 + n // 2 % 9},{'mf'[n % 2]}\n" for n in range(1_000_000)),
            BOOK.split("[covariates]")[0]
            .replace(
                'columns = "{relationship}{item}"', 'layout = "long"\ncolumns = { item = "item", answer = "answer" }'
            )
            .replace('reference = "mother"', 'reference = "mother"\ncolumn = "who"'),
        ),
    )
    yield "5,000 further columns", lambda f: write(f, text([[*row, *map(str, range(5000))] for row in rows(12)]))
    yield "25,000 further columns", lambda f: write(f, text([[*row, *map(str, range(25_000))] for row in rows(3)]))
    yield (
        "5,000 further columns, duplicated names",
        lambda f: write(f, text([[*row, *["x"] * 5000] for row in rows(12)])),
    )
    yield "60 million cells of nothing", lambda f: write(f, "," * 60_000_000)
    yield "20 million lines of nothing", lambda f: write(f, "\n" * 20_000_000)
    yield "a header of 10 million letters", lambda f: write(f, "x" * 10_000_000 + ",y\n1,2\n")
    yield (
        "30,000 different answers",
        lambda f: write(f, text([HEADER, *([f"p{n}", *[f"{n}.5"] * 18, "3", "x"] for n in range(30_000))])),
    )
    yield (
        "20,000 relationships",
        lambda f: write(
            f,
            text([["id", "answer", "item", "who"], *([f"p{n}", "4", "1", f"r{n}"] for n in range(20_000))]),
            'format = 1\nname = "x"\nanswers = "answers.csv"\nlayout = "long"\nperson = "id"\n'
            'columns = { item = "item", answer = "answer" }\n[relationships]\ncolumn = "who"\n'
            '[instrument]\nuse = "ecr-rs"\n',
        ),
    )
    yield (
        "20,000 unknown items",
        lambda f: write(
            f,
            text([["id", "answer", "item", "who"], *([f"p{n}", "4", f"i{n}", "m"] for n in range(20_000))]),
            BOOK.split("[covariates]")[0]
            .replace(
                'columns = "{relationship}{item}"', 'layout = "long"\ncolumns = { item = "item", answer = "answer" }'
            )
            .replace('reference = "mother"', 'reference = "mother"\ncolumn = "who"'),
        ),
    )
