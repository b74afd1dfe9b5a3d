from __future__ import annotations

import re
from pathlib import Path

from datamask.classify.classes import CLASSES
from datamask.policy.codes import CODES

_DOCS = Path(__file__).parents[3] / "docs" / "reference"
_POLICY_CODE = Path(__file__).parents[3] / "datamask" / "policy"


def test_every_code_is_documented() -> None:
    text = (_DOCS / "findings.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^### (DM\d{3}) · (\w+)", text, re.MULTILINE))
    assert documented == {code: listed.severity for code, listed in CODES.items()}


def test_every_code_is_used() -> None:
    used = set()
    for file in _POLICY_CODE.glob("*.py"):
        if file.name != "codes.py":
            used |= set(re.findall(r'"(DM\d{3})"', file.read_text(encoding="utf-8")))
    assert used == set(CODES)


def test_every_class_is_documented() -> None:
    text = (
        (_DOCS / "policy.md")
        .read_text(encoding="utf-8")
        .partition("### Data classes")[2]
        .partition("\n## ")[0]
    )
    documented = dict(re.findall(r"^\| `([a-z_.]+)` \| ([^|]+) \|$", text, re.MULTILINE))
    assert {name: what.strip() for name, what in documented.items()} == {
        listed.name: listed.description for listed in CLASSES.values()
    }
