from __future__ import annotations

import pytest

from datamask.policy.constraint_sql import check_expression, exclusion_operators


@pytest.mark.parametrize(
    ("definition", "expression"),
    [
        ("CHECK ((low <= high))", "((low <= high))"),
        ("CHECK ((low <= high)) NO INHERIT NOT VALID", "((low <= high))"),
        ("CHECK ((code <> ')('::text)) NOT VALID", "((code <> ')('::text))"),
        ("CHECK ((code <> 'it''s ('::text))", "((code <> 'it''s ('::text))"),
        ('CHECK (("odd ) name" > 0))', '(("odd ) name" > 0))'),
        ("NOT NULL v", None),
        ("CHECK ((broken", None),
    ],
)
def test_the_expression_of_a_check(definition: str, expression: str | None) -> None:
    assert check_expression(definition) == expression


@pytest.mark.parametrize(
    ("definition", "operators"),
    [
        ("EXCLUDE USING gist (during WITH &&)", (("during", "&&"),)),
        (
            'EXCLUDE USING gist ("the room" WITH =, during WITH OPERATOR(public.&&)) DEFERRABLE',
            (("the room", "="), ("during", "OPERATOR(public.&&)")),
        ),
        ("EXCLUDE USING gist (ip inet_ops WITH &&)", (("ip", "&&"),)),
        ("EXCLUDE USING gist (area WITH &&) WHERE ((id > 1))", None),
        ("EXCLUDE USING gist (tsrange(a, b) WITH &&)", None),
        ("UNIQUE (a)", None),
    ],
)
def test_the_operators_of_an_exclusion(
    definition: str, operators: tuple[tuple[str, str], ...] | None
) -> None:
    assert exclusion_operators(definition) == operators
