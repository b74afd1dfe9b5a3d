from __future__ import annotations

import pytest

from datamask.db.quoting import identifier_list, qualified, quote_identifier, quote_literal
from datamask.errors import UsageError


def test_identifiers() -> None:
    assert quote_identifier('we"ird') == '"we""ird"'
    assert qualified("Public", "a.b") == '"Public"."a.b"'
    assert identifier_list(["a", "B"]) == '"a", "B"'


def test_literals() -> None:
    assert quote_literal("it's") == "'it''s'"
    assert quote_literal("a\\'b") == " E'a\\\\''b'"


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_what_no_identifier_can_be(name: str) -> None:
    with pytest.raises(UsageError):
        quote_identifier(name)


def test_what_no_text_can_hold() -> None:
    with pytest.raises(UsageError):
        quote_literal("a\0b")
