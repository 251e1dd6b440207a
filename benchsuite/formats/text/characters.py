"""Characters of a text as the program printed them: a mail program, a word processor, a web page or a wrong
code page may have changed them on the way.

    aes-128-cbc’s   aes-128-cbc&#39;s   aes-128-cbc=E2=80=99s   aes-128-cbcâ€™s     an apostrophe
    U+00A0   &nbsp;   =C2=A0   a tab   U+3000                                        a blank
    –decrypt   aes‑128‑cbc                                                           a hyphen
    <tr><td>aes-128-cbc</td><td>1000.00k</td></tr>    | aes-128-cbc | 1000.00k |     a row of a table
"""

from __future__ import annotations

import html
import re
from itertools import chain

WIDE = " " * 4  # what stands between the columns of a table

_BLANKS = chain((0xA0, 0x1680, 0x202F, 0x205F, 0x3000), range(0x2000, 0x200B))
_NOTHING = (0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)
_SAME = {
    **dict.fromkeys(_BLANKS, " "),
    **dict.fromkeys(_NOTHING, ""),
    **dict.fromkeys(map(ord, "‘’‚‛′ʹʼ´‵"), "'"),
    **dict.fromkeys(map(ord, "“”„‟″"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–−﹣"), "-"),
    ord("—"): "--",
    0xFFFD: " ",  # a no-break space, where a mail's code page was lost
    ord("…"): "...",
    **{0xFF01 + at: chr(0x21 + at) for at in range(94)},  # the wide forms of Asian fonts
}
# UTF-8, and the code page of simplified Chinese, taken for that of Western Windows or for Latin-1.
_MISREAD = {
    **{f"â€{last}": "'" for last in "™˜"},
    **{f"â\x80{last}": "'" for last in "\x98\x99"},
    **{f"â€{last}": '"' for last in "œ\x9d\ufffd"},
    **{f"â\x80{last}": '"' for last in "\x9c\x9d"},
    **{f"â€{last}": "-" for last in "“‘’"},
    **{f"â\x80{last}": "-" for last in "\x90\x91\x93"},
    "\ufffds in ": "'s in ",
    "Â\xa0": " ",
    "Â ": " ",
    "¡¯": "'",
    "¡®": "'",
    "¡°": '"',
    "¡±": '"',
}
_MISREAD_ANY = re.compile("|".join(map(re.escape, _MISREAD)))
_ENTITY = re.compile(r"&(?:amp;)?(?:#\d{1,6}|#[xX][0-9a-fA-F]{1,5}|[a-zA-Z]{2,8});")
_CELL = re.compile(r"</t[dh]>\s*<t[dh](?: [^<>]{0,200})?> *", re.IGNORECASE)
_TAGS = (
    r"\[/?(?:b|i|u|code|quote|pre|size|color|font|spoiler)(?:=[^\[\]]{0,60})?\]"
    r"|</?(?:html|body|table|thead|tbody|ul|ol|pre|p|br|div|span|code|tt|td|th|tr|li|b|strong|samp|font"
    r"|blockquote)(?: [^<>]{0,200})?/?>"
)
ENDS = re.compile(r"<br ?/?>|</(?:p|tr|li|div|pre)>", re.IGNORECASE)  # of a line, where there is HTML
_TAGS_BEFORE = re.compile(rf"(?:\s*(?:{_TAGS}))+", re.IGNORECASE)
_TAGS_AFTER = re.compile(rf"(?:(?:{_TAGS})\s*){{1,8}}$", re.IGNORECASE)
_BACKTICK = re.compile(r"(?<=\w)`(?=s in )")  # set in LaTeX, or typed by hand
_TABLE_ROW = re.compile(r"\s*\|(?!\|)([^|]+(?:\|[^|]+)*)\|\s*$")
_OWN_BARS = re.compile(r"\|[ed]\|")  # kcapi-speed's
_QUOTED = re.compile(r"=E2=80=9[89CD]|=C2=A0|=3D|quoted-printable")
# What is encoded: `=`, blanks at the end of a line, and what is not ASCII. `len=64` is not.
_QUOTED_BYTES = re.compile(r"(?:=3D|=(?:09|20)(?=\s*$)|=[89A-F][0-9A-F])+")
_MISSING = re.compile("[\udc80-\udcff]")  # bytes that are no UTF-8


def decoded(data: bytes) -> str:
    """A text of UTF-8; a byte that is none is one of the code page of Western Windows."""
    text = data.decode("utf-8-sig", "surrogateescape")
    return _MISSING.sub(lambda found: bytes([ord(found[0]) - 0xDC00]).decode("cp1252", "replace"), text)


def rows(text: str) -> list[str]:
    """The lines of a text, in their places. Where a mail was quoted-printable, decoded: then a line that was
    broken within is whole, and an empty one stands for each part of it."""
    found = text.split("\n")
    if not _QUOTED.search(text):
        return found
    whole: list[str] = []
    begun: list[str] = []
    for row in found:
        row = row.rstrip("\r")
        if row.endswith("="):
            begun.append(row[:-1])
            continue
        whole += [_QUOTED_BYTES.sub(_of_bytes, "".join([*begun, row])), *([""] * len(begun))]
        begun = []
    return whole + begun


def _of_bytes(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("=", "")).decode("utf-8", "replace").replace("\n", "\r")


def plain(row: str) -> str:
    """A line with the characters that were printed."""
    if not row.isascii():
        row = _MISREAD_ANY.sub(lambda found: _MISREAD[found[0]], row).translate(_SAME)
    if "&" in row:
        row = _ENTITY.sub(_character, row)
    if "<" in row or "[" in row:
        row = _without_tags(row)
    if "`" in row:
        row = _BACKTICK.sub("'", row)
        row = row.strip().strip("`") if row.strip().startswith("`") else row
    if "|" in row and (match := _TABLE_ROW.match(row)):
        row = match[1] if _OWN_BARS.search(row) else WIDE.join(map(_cell, match[1].split("|")))
    return row.replace("\t", WIDE)


def _without_tags(row: str) -> str:
    """The row without the tags around it; most have none, but a kernel log's begin with `[`."""
    if "<" in row:
        row = _CELL.sub(WIDE, row)
    if match := _TAGS_BEFORE.match(row):
        row = row[match.end() :]
    return _TAGS_AFTER.sub("", row) if row.rstrip().endswith((">", "]")) else row


def _cell(text: str) -> str:
    return text.strip(" *`")


def _character(match: re.Match[str]) -> str:
    """The character of an entity; `&amp;#39;` was encoded twice."""
    found = html.unescape(match[0])
    found = html.unescape(found) if found.startswith("&") and len(found) > 1 else found
    return found.translate(_SAME) if len(found) == 1 else match[0]
