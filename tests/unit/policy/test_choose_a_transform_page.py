"""Every rule that the page on choosing a transform shows can be written into a policy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.policies import policy

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "choose-a-transform.md"
TEXT = PAGE.read_text(encoding="utf-8")
RULES = [
    rule
    for line in TEXT.splitlines()
    if line.startswith("|")
    for rule in re.findall(r"`((?:\{.*?\}|shift_date))`", line)
]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_can_be_read(tmp_path: Path, rule: str) -> None:
    for name in ("icd10.csv", "codes.csv"):
        (tmp_path / name).write_text("a,b\nc,d\n")
    read = policy(tmp_path, f"columns:\n  public.t.c: {rule}\n")
    assert [choice.rules[0].transform for choice in read.columns.values()] != ["keep"]


@pytest.mark.parametrize("block", re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL))
def test_a_block_can_be_read(tmp_path: Path, block: str) -> None:
    assert policy(tmp_path, block).columns


def test_there_are_rules_on_the_page() -> None:
    assert len(RULES) > 15
