"""Small blank files of many kinds, and telling a file's kind by its first bytes.

One white pixel, one empty page, one empty document: each is valid by itself. The kinds' first bytes are those
of their specifications, as the `file` command knows them.
"""

from __future__ import annotations

import base64
from functools import cache
from typing import Final

import polars as pl

# Kinds in the order in which they are tried, and the first bytes in hexadecimal as a regular expression.
_FIRST_BYTES: Final = {
    "png": "89504e470d0a1a0a",
    "jpeg": "ffd8ff",
    "gif": "4749463837|4749463839",
    "webp": "52494646.{8}57454250",
    "wav": "52494646.{8}57415645",
    "bmp": "424d.{8}00000000",
    "tiff": "49492a00|4d4d002a",
    "pdf": "255044462d",
    "zip": "504b0304|504b0506",
    "gzip": "1f8b08",
    # The brands of films and sounds; pictures (HEIF, AVIF) begin alike.
    "mp4": ".{8}66747970(?:69736f|6d7034|617663|4d34|717420|336770|64617368)",
    "svg": "(?:efbbbf)?3c737667",
}
_HEAD = 32
# An Office file is a ZIP whose first entries, in its first 4 KiB, name the parts of a document: "word/", "xl/".
_PARTS: Final = {"docx": "776f72642f", "xlsx": "786c2f"}
_DIRECTORY = 8192

_EMPTY = "\\x"

# Base64, so that the package needs no binary files beside it.
FILES: Final = {
    "png": ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mP4DwABAQEAHLCMmQAAAABJRU5ErkJggg=="),
    "jpeg": (
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcp"
        "LDAxNDQ0Hyc5PTgyPC4zNDL/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAB//EABQQAQAAAAAAAAAAAAAAAAAA"
        "AAD/2gAIAQEAAD8Af3//2Q=="
    ),
    "gif": ("R0lGODdhAQABAIEAAP///wAAAAAAAAAAACwAAAAAAQABAAAIBAABBAQAOw=="),
    "bmp": ("Qk1CAAAAAAAAAD4AAAAoAAAAAQAAAAEAAAABAAEAAAAAAAQAAADEDgAAxA4AAAIAAAACAAAAAAAAAP///wCAAAAA"),
    "tiff": (
        "SUkqAAgAAAAIAAABBAABAAAAAQAAAAEBBAABAAAAAQAAAAMBAwABAAAAAQAAAAYBAwABAAAAAQAAABEBBAABAAAAbgAAABYB"
        "BAABAAAAAQAAABcBBAABAAAAAQAAABwBAwABAAAAAQAAAAAAAACA"
    ),
    "webp": ("UklGRh4AAABXRUJQVlA4TBEAAAAvAAAAAAfQ//73v/+BiOh/AAA="),
    "pdf": (
        "JVBERi0xLjQKMSAwIG9iajw8L1R5cGUvQ2F0YWxvZy9QYWdlcyAyIDAgUj4+CmVuZG9iagoyIDAgb2JqPDwvVHlwZS9QYWdl"
        "cy9LaWRzWzMgMCBSXS9Db3VudCAxPj4KZW5kb2JqCjMgMCBvYmo8PC9UeXBlL1BhZ2UvUGFyZW50IDIgMCBSL01lZGlhQm94"
        "WzAgMCA1OTUgODQyXT4+CmVuZG9iagp4cmVmCjAgNAowMDAwMDAwMDAwIDY1NTM1IGYgCjAwMDAwMDAwMDkgMDAwMDAgbiAK"
        "MDAwMDAwMDA1MyAwMDAwMCBuIAowMDAwMDAwMTAzIDAwMDAwIG4gCnRyYWlsZXI8PC9TaXplIDQvUm9vdCAxIDAgUj4+CnN0"
        "YXJ0eHJlZgoxNjcKJSVFT0YK"
    ),
    "zip": ("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="),
    "docx": (
        "UEsDBBQAAAAIAAAAIQCWsN0u5AAAAHUBAAATAAAAW0NvbnRlbnRfVHlwZXNdLnhtbJWQvVLDMAzHX8WnlUscGDiOS9KBjxEY"
        "ygPobCXx1ZZ9llvat8dpoQMbo/3/+EnqN8fg1YGyuMgD3LYdKGITreN5gM/ta/MASgqyRR+ZBjiRwGbst6dEomqWZYCllPSo"
        "tZiFAkobE3FVppgDlvrMs05odjiTvuu6e20iF+LSlLUDxv6ZJtz7ol6O9fsyRyYvoJ4uxpU1AKbkncFSdX1g+4fS/BDamjx7"
        "ZHFJbqoB9Ni/1wWzs6Q+MJc3DLVOf8VstY1mHyqiXY3/4sVpcoau+bUt5WhIpF4u+PaqBHT8O4c+n238BlBLAwQUAAAACAAA"
        "ACEAm/036q0AAAApAQAACwAAAF9yZWxzLy5yZWxzjc87DsIwDAbgq0TeaVoGhFDTLgipKyoHsBI3rWgeSsKjtycDA0UMjLZ/"
        "f5br9mlmdqcQJ2cFVEUJjKx0arJawKU/bfbAYkKrcHaWBCwUoW3qM82Y8kocJx9ZNmwUMKbkD5xHOZLBWDhPNk8GFwymXAbN"
        "PcorauLbstzx8GnA2mSdEhA6VQHrF0//2G4YJklHJ2+GbPpx4iuRZQyakoCHC4qrd7vILPCm5qsXmxdQSwMEFAAAAAgAAAAh"
        "AJkJXFmLAAAArgAAABEAAAB3b3JkL2RvY3VtZW50LnhtbEWNQQ6CMBBFr0JmL4MujCEUdp5AD1DbEUjoTNOpIre3LIyrn5ef"
        "vNcNn7BUb0o6Cxs41g1UxE78zKOB++16uECl2bK3izAZ2Ehh6Lu19eJegThXRcDargamnGOLqG6iYLWWSFy+p6Rgc8E04irJ"
        "xySOVIs/LHhqmjMGOzPsyof4bd+IfYc/xH+q/wJQSwECFAAUAAAACAAAACEAlrDdLuQAAAB1AQAAEwAAAAAAAAAAAAAAgAEA"
        "AAAAW0NvbnRlbnRfVHlwZXNdLnhtbFBLAQIUABQAAAAIAAAAIQCb/TfqrQAAACkBAAALAAAAAAAAAAAAAACAARUBAABfcmVs"
        "cy8ucmVsc1BLAQIUABQAAAAIAAAAIQCZCVxZiwAAAK4AAAARAAAAAAAAAAAAAACAAesBAAB3b3JkL2RvY3VtZW50LnhtbFBL"
        "BQYAAAAAAwADALkAAAClAgAAAAA="
    ),
    "xlsx": (
        "UEsDBBQAAAAIAAAAIQCoE+7w9gAAAPUBAAATAAAAW0NvbnRlbnRfVHlwZXNdLnhtbK2RzU7DMBCEX8XyFcVOe0AIJemh0CNw"
        "KA+w2JvEiv/kdUv69jgpcOAEEqeVvTPzjeVmNzvLzpjIBN/yjag5Q6+CNn5o+evxUN1xRhm8Bhs8tvyCxHddc7xEJFa8nlo+"
        "5hzvpSQ1ogMSIaIvmz4kB7kc0yAjqAkGlNu6vpUq+Iw+V3nJ4F3zgD2cbGaPc7m+9khoibP9VbiwWg4xWqMgl708e/2DUn0S"
        "RHGuGhpNpJsi4LJrnssDk9HIXiDlJ3AlTs5Wvoc0vYUwiUX2J1roe6NQB3VyxSIoJgRNI2J2VqxTODD+F/xVTHIdm38u8p3/"
        "1UOu39Z9AFBLAwQUAAAACAAAACEAmNrri64AAAAnAQAACwAAAF9yZWxzLy5yZWxzjc/BDoIwDAbgV1l6l4EHYwyDizHhavAB"
        "5lYGAdZlmwpv745iPHhs+vf707Je5ok90YeBrIAiy4GhVaQHawTc2svuCCxEabWcyKKAFQPUVXnFScZ0EvrBBZYMGwT0MboT"
        "50H1OMuQkUObNh35WcY0esOdVKM0yPd5fuD+04CtyRotwDe6ANauDv+xqesGhWdSjxlt/FHxlUiy9AajgGXiL/LjnWjMEgq8"
        "KvnmweoNUEsDBBQAAAAIAAAAIQCdbEO9uQAAABsBAAAPAAAAeGwvd29ya2Jvb2sueG1sjU9LrsIwDLxK5D2kZYGeqrZsEBJr"
        "4AChcWlEY1d2+LzbE357VjPWaMYz9eoeR3NF0cDUQDkvwCB17AOdGjjsN7M/MJoceTcyYQP/qLBq6xvL+ch8NtlO2sCQ0lRZ"
        "q92A0emcJ6Ss9CzRpXzKyeok6LwOiCmOdlEUSxtdIHgnVPJLBvd96HDN3SUipXeI4OhSLq9DmBTa+vVBP2jIxVx69+RlHvLE"
        "rc87wUgVMpGtL8G2tf3a7HdZ+wBQSwMEFAAAAAgAAAAhAFr9gmuxAAAAKAEAABoAAAB4bC9fcmVscy93b3JrYm9vay54bWwu"
        "cmVsc43PyQrCQAwG4FcZcrdpPYhIp15E6FXqAwzTdKGdhcm49O0dPIgFD55C8pMvpDw+zSzuFHh0VkKR5SDIateOtpdwbc6b"
        "PQiOyrZqdpYkLMRwrMoLzSqmFR5GzyIZliUMMfoDIuuBjOLMebIp6VwwKqY29OiVnlRPuM3zHYZvA9amqFsJoW4LEM3i6R/b"
        "dd2o6eT0zZCNP07gw4WJB6KYUBV6ihI+I8Z3KbKkAlYlrj6sXlBLAwQUAAAACAAAACEAnoyoToIAAACcAAAAGAAAAHhsL3dv"
        "cmtzaGVldHMvc2hlZXQxLnhtbD2MSw7CMAwFrxJ5Tx1YIISSdIM4ARzAakxb0ThVHPG5PVEXLN+M5rn+kxbz4qJzFg/7zoJh"
        "GXKcZfRwv113JzBaSSItWdjDlxX64N65PHVirqb1oh6mWtczog4TJ9IuryzNPHJJVNssI+pamOIWpQUP1h4x0SwQ3MYuVAmD"
        "w/9z+AFQSwECFAAUAAAACAAAACEAqBPu8PYAAAD1AQAAEwAAAAAAAAAAAAAAgAEAAAAAW0NvbnRlbnRfVHlwZXNdLnhtbFBL"
        "AQIUABQAAAAIAAAAIQCY2uuLrgAAACcBAAALAAAAAAAAAAAAAACAAScBAABfcmVscy8ucmVsc1BLAQIUABQAAAAIAAAAIQCd"
        "bEO9uQAAABsBAAAPAAAAAAAAAAAAAACAAf4BAAB4bC93b3JrYm9vay54bWxQSwECFAAUAAAACAAAACEAWv2Ca7EAAAAoAQAA"
        "GgAAAAAAAAAAAAAAgAHkAgAAeGwvX3JlbHMvd29ya2Jvb2sueG1sLnJlbHNQSwECFAAUAAAACAAAACEAnoyoToIAAACcAAAA"
        "GAAAAAAAAAAAAAAAgAHNAwAAeGwvd29ya3NoZWV0cy9zaGVldDEueG1sUEsFBgAAAAAFAAUARQEAAIUEAAAAAA=="
    ),
    "gzip": ("H4sIAAAAAAAA/wMAAAAAAAAAAAA="),
    "mp4": (
        "AAAAHGZ0eXBpc29tAAACAGlzb21pc28ybXA0MQAAAHRtb292AAAAbG12aGQAAAAAAAAAAAAAAAAAAAPoAAAAAAABAAABAAAA"
        "AAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB"
        "AAAACG1kYXQ="
    ),
    "wav": ("UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="),
    "svg": ("PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSIxIiBoZWlnaHQ9IjEiLz4="),
}
"""The blank files, by kind."""


def placeholder_of(values: pl.Series) -> pl.Series:
    """A blank file of the same kind for each value; no bytes for a value of no known kind.

    :param values: ``bytea`` in PostgreSQL's hexadecimal form, String without nulls.
    """
    head, directory = pl.col("value").str.slice(2, _HEAD), pl.col("value").str.slice(2, _DIRECTORY)
    found = pl.lit(_EMPTY)
    for kind, first in reversed(_FIRST_BYTES.items()):
        found = pl.when(head.str.contains(f"^(?:{first})")).then(pl.lit(_hexadecimal(kind))).otherwise(found)
    is_zip = head.str.contains(f"^(?:{_FIRST_BYTES['zip']})")
    for kind, part in _PARTS.items():
        is_part = is_zip & directory.str.contains(part, literal=True)
        found = pl.when(is_part).then(pl.lit(_hexadecimal(kind))).otherwise(found)
    return values.alias("value").to_frame().select(found.alias("value")).to_series()


@cache
def _hexadecimal(kind: str) -> str:
    return _EMPTY + base64.b64decode(FILES[kind]).hex()
