from __future__ import annotations

from pathlib import Path

from datamask.masking.reference import reference
from datamask.masking.registry import names

PAGE = Path(__file__).parents[3] / "docs/reference/transforms.md"


def test_the_page_is_what_the_registry_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), "run: make docs"


def test_every_transform_has_a_section_with_an_example() -> None:
    sections = reference().split("\n## ")[1:]
    assert [section.split("\n", 1)[0] for section in sections] == list(names())
    assert all("becomes |" in section for section in sections)
