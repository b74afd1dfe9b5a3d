from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datamask.db.sanitize import copy_place, program_messages, strip_values


@pytest.mark.parametrize(
    ("message", "clean"),
    [
        ('invalid input syntax for type integer: "se"cr"et"', "invalid input syntax for type integer: …"),
        ('value "99999999999" is out of range for type integer', "value … is out of range for type integer"),
        ('invalid input value for enum public.mood: "secret"', "invalid input value for enum public.mood: …"),
        (
            'invalid byte sequence for encoding "UTF8": 0xc3 0x28',
            'invalid byte sequence for encoding "UTF8": …',
        ),
        (
            'duplicate key value violates unique constraint "customers_email_key"',
            'duplicate key value violates unique constraint "customers_email_key"',
        ),
        (
            'null value in column "email" of relation "customers" violates not-null constraint',
            'null value in column "email" of relation "customers" violates not-null constraint',
        ),
        ("division by zero\nDETAIL: secret", "division by zero"),
        ("ungültige Eingabesyntax für Typ integer: »secret«", "ungültige Eingabesyntax für Typ integer: …"),
    ],
)
def test_names_stay_and_values_go(message: str, clean: str) -> None:
    assert strip_values(message) == clean


@given(
    st.text(
        st.characters(exclude_characters="\n\r", codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]),
        min_size=1,
    )
)
def test_no_quoted_value_ever_passes(value: str) -> None:
    marked = f"<S>{value}<E>"
    for template in ('invalid input syntax for type date: "{}"', 'value "{}" is out of range for type int'):
        clean = strip_values(template.replace("{}", marked))
        assert "<S>" not in clean
        assert "<E>" not in clean


def test_the_place_of_a_copy_error_without_its_value() -> None:
    context = 'COPY customers, line 7, column email: "secret"'
    assert copy_place(context) == "COPY customers, line 7, column email"
    assert copy_place('COPY customers, line 7: "secret"') == "COPY customers, line 7"
    assert copy_place("SQL function f") is None
    assert copy_place(None) is None


def test_what_a_client_program_said() -> None:
    stderr = """\
pg_restore: while PROCESSING TOC:
pg_restore: from TOC entry 3391; 2606 16391 CONSTRAINT t t_key postgres
pg_restore: error: could not execute query: ERROR:  could not create unique index "t_key"
DETAIL:  Key (email)=(secret) is duplicated.
Command was: ALTER TABLE ONLY t ADD CONSTRAINT t_key UNIQUE (email) -- secret;
psql:dump.sql:3: ERROR:  invalid input syntax for type integer: "secret"
LINE 1: secret
CONTEXT:  COPY t, line 1: "secret"
"""
    assert program_messages(stderr) == (
        'could not create unique index "t_key"; invalid input syntax for type integer: …'
    )
