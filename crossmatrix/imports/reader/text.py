"""Delimited text: which encoding, which delimiter, and rows with their true line numbers."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

csv.field_size_limit(1 << 20)

MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
RUSSIAN = ("cp1251", "cp866", "koi8-r", "mac-cyrillic", "iso8859-5")
FREQUENCY = dict(
    zip(
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
        [
            109,
            84,
            80,
            73,
            67,
            63,
            55,
            47,
            45,
            44,
            35,
            32,
            30,
            28,
            26,
            20,
            19,
            17,
            17,
            16,
            16,
            14,
            12,
            10,
            9,
            7,
            6,
            5,
            4,
            3,
            3,
            1,
            1,
        ],
        strict=True,
    )
)  # per mille of Russian text
NOISE = re.compile(r"[\u0400\u0402-\u040f\u0450\u0452-\u045f\u0490-\u04ff\u2500-\u259f\u0080-\u009f\ufffd]")


def russianness(text: str) -> float:
    """Frequent small letters speak for an encoding; box drawing and case flips inside words against it."""
    score = letters = 0
    for word in re.findall(r"[^\W\d_]{2,}", text):
        if not re.search("[а-яёА-ЯЁ]", word):
            continue
        letters += len(word)
        score += sum(FREQUENCY.get(c, 0 if c.lower() in FREQUENCY else -30) for c in word)
        if re.search("[а-яё][А-ЯЁ]", word):
            score -= 120 * len(word)
    noise = len(NOISE.findall(text))
    return (score - 200 * noise) / letters if letters else -50.0 * noise


def best_encoding(data: bytes) -> str:
    sample = data[:200_000]
    return max(RUSSIAN, key=lambda name: russianness(sample.decode(name, errors="replace")))


def is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def decode(data: bytes) -> tuple[str, str, int]:
    """(text, encoding, lines that were in another encoding)."""
    for mark, name in MARKS:
        if data.startswith(mark):
            return data.decode(name, errors="replace"), name, 0
    if data[:200].count(0) > 20:
        name = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
        return data.decode(name, errors="replace"), name, 0
    if is_utf8(data):
        return data.decode(), "utf-8", 0
    lines = data.split(b"\n")
    foreign = [line for line in lines if any(byte > 127 for byte in line)]
    proper = sum(1 for line in foreign if is_utf8(line))
    if proper and proper * 2 >= len(foreign):  # UTF-8 with a few foreign lines: decode those alone and count them
        decoded = [
            line.decode() if is_utf8(line) else line.decode(best_encoding(line), errors="replace") for line in lines
        ]
        return "\n".join(decoded), "utf-8", len(foreign) - proper
    name = best_encoding(data)
    return data.decode(name, errors="replace"), name, 0


def sniff_delimiter(text: str) -> str:
    """The delimiter that cuts the first lines into equally many parts."""
    lines = [line for line in text[:200_000].splitlines()[:60] if line.strip()][:40]
    best, score = ";", -1.0
    for mark in ";\t,|":
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=mark)]
        except csv.Error:
            continue
        common = max(set(widths), key=widths.count) if widths else 1
        worth = widths.count(common) / len(widths) * min(common, 12) if common > 1 else 0
        if worth > score:
            best, score = mark, worth
    return best


RUN = re.compile(r"[^\x00-\x7f]{4,}")
DOUBLED_RUNS = 3  # fewer may be chance


def byte_of(letter: str, codepage: str) -> bytes:
    try:
        return letter.encode(codepage)
    except UnicodeEncodeError:  # bytes the code page leaves free are shown as control characters
        return bytes([ord(letter)]) if ord(letter) < 256 else b"?"


def is_doubled(run: str) -> bool:
    """Whether the letters are the bytes of UTF-8 read in a one-byte code page: «РўРѕРІР°СЂ» is «Товар»."""
    for codepage in ("cp1251", "cp1252"):
        try:
            meant = b"".join(byte_of(letter, codepage) for letter in run).decode()
        except UnicodeDecodeError:
            continue
        if "?" not in meant and re.search("[а-яёА-ЯЁ]", meant):
            return True
    return False


def is_double_encoded(text: str) -> bool:
    runs = RUN.findall(text[:4000])
    doubled = sum(1 for run in runs if is_doubled(run))
    return doubled >= DOUBLED_RUNS and doubled * 2 >= len(runs)


def open_text(data: bytes) -> tuple[str, dict[str, Any], list[tuple[str, dict[str, Any]]]]:
    """(text, dialect, warnings)."""
    text, encoding, foreign = decode(data)
    warnings: list[tuple[str, dict[str, Any]]] = []
    if foreign:
        warnings.append(("guard.mixed_encoding", {"count": foreign}))
    if "\0" in text:
        warnings.append(("guard.nul_bytes", {"count": text.count("\0")}))
        text = text.replace("\0", "")
    if is_double_encoded(text):
        warnings.append(("guard.double_encoded", {}))
    named = re.match(r"sep=(.)\r?\n", text)
    if named:
        text = text[named.end() :]
    delimiter = named[1] if named else sniff_delimiter(text)
    dialect = {"encoding": encoding, "delimiter": delimiter, "skipped": 1 if named else 0}
    return text, dialect, warnings


def rows_of(text: str, dialect: dict[str, Any]) -> Iterator[tuple[int, list[str]]]:
    """(line number in the file, cells)."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect["delimiter"])
    before = dialect["skipped"]
    for row in reader:
        yield before + 1, row
        before = dialect["skipped"] + reader.line_num
