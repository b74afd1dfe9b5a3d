"""Functions of a Python file, as the laws are tried on them."""

from __future__ import annotations

from pathlib import Path

from law_case import DATE, INTEGER, TEXT, Case, varchar

FILE = str(Path(__file__).with_name("own_functions_file.py"))


def own(function: str, **params: object) -> dict[str, object]:
    return {"file": FILE, "function": function, "params": params or None}


CASES = [
    Case("python", TEXT, own("loyalty")),
    Case("python", varchar(40), own("loyalty", prefix="GO-")),
    Case("python", TEXT, own("initials"), keyed=False),
    Case("python", DATE, own("january"), keyed=False, stays=True),
    Case("python", INTEGER, own("bucket", size=1000)),
]
