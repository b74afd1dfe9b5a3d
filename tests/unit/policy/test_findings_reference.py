from __future__ import annotations

from pathlib import Path

from datamask.policy.codes import CODES
from datamask.policy.findings_reference import findings_reference

_PAGE = Path(__file__).parents[3] / "docs" / "reference" / "findings.md"


def test_the_page_is_what_the_codes_say() -> None:
    assert _PAGE.read_text(encoding="utf-8") == findings_reference(), "run `make docs`"


def test_every_code_is_explained() -> None:
    assert [code for code, listed in CODES.items() if not listed.explanation.endswith((".", ")"))] == []


def test_codes_stand_in_order() -> None:
    assert list(CODES) == sorted(CODES)
