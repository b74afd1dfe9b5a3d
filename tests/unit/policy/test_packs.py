from __future__ import annotations

import re
from pathlib import Path

import pytest

from datamask.classify.classes import CLASSES
from datamask.policy.file import read_policy
from datamask.policy.pack import DEFAULT, pack_names, pack_path
from datamask.policy.packs_reference import packs_reference

_PAGE = Path(__file__).parents[3] / "docs" / "reference" / "packs.md"


def test_the_page_is_what_the_packs_say() -> None:
    assert _PAGE.read_text(encoding="utf-8") == packs_reference(), "run `make docs`"


def test_these_packs_are_there() -> None:
    assert pack_names() == (
        "ccpa", "default", "dev-strict", "gdpr", "hipaa-safe-harbor", "pci-dss", "perf",
    )  # fmt: skip


@pytest.mark.parametrize("name", pack_names())
def test_every_rule_stands_under_a_reason_and_a_pack_under_a_source(name: str) -> None:
    text = pack_path(name).read_text(encoding="utf-8")
    rules = text.partition("\nclasses:\n")[2]
    assert rules.startswith("  # ")
    cited = name not in {DEFAULT, "dev-strict", "perf"}
    assert ("https://" in text.partition("\nversion:")[0]) is cited
    if name != DEFAULT:
        assert [path.stem for path in read_policy(pack_path(name)).files] == [DEFAULT, name]


def test_safe_harbor_names_all_eighteen_identifiers() -> None:
    text = pack_path("hipaa-safe-harbor").read_text(encoding="utf-8").partition("\nclasses:")[2]
    assert sorted(set(re.findall(r"\(([A-R])\)", text))) == list("ABCDEFGHIJKLMNOPQR")


def test_strict_keeps_nothing_that_is_personal() -> None:
    policy = read_policy(pack_path("dev-strict"))
    assert policy.unclassified == "mask"
    kept = [
        name
        for name, choice in policy.classes.items()
        if any(rule.transform == "keep" for rule in choice.rules)
    ]
    assert kept == []
    realistic = {"email", "username", "hash", "nationality"}
    made = {rule.transform for choice in policy.classes.values() for rule in choice.rules}
    assert made - realistic <= {"auto", "null", "redact", "empty", "redact_json"}
    assert all(name in policy.classes or name.rpartition(".")[0] in policy.classes
               for name, listed in CLASSES.items() if listed.personal)  # fmt: skip


def test_card_numbers_for_tests_are_those_that_everybody_knows() -> None:
    [choice, *_] = read_policy(pack_path("pci-dss")).classes["payment.card_number"].rules
    assert choice.transform == "choice"
    values = choice.params["values"]
    assert isinstance(values, dict)
    for number in values:
        digits = [int(digit) for digit in reversed(number)]
        total = sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
        assert total % 10 == 0, number
