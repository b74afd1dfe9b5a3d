from __future__ import annotations

import pytest

from datamask.load.server import set_statement


@pytest.mark.parametrize(
    ("name", "stored", "statement"),
    [
        ("work_mem", "7MB", """ALTER DATABASE "d" SET "work_mem" = '7MB'"""),
        ("application_name", "it's \\ x", """ALTER DATABASE "d" SET "application_name" = 'it''s \\ x'"""),
        ("app.x", "a = b", """ALTER DATABASE "d" SET "app"."x" = 'a = b'"""),
        ("DateStyle", "ISO, MDY", """ALTER DATABASE "d" SET "DateStyle" = 'ISO, MDY'"""),
        ("work_mem", "", """ALTER DATABASE "d" SET "work_mem" = ''"""),
        ("search_path", "", """ALTER DATABASE "d" SET "search_path" = ''"""),
        ("search_path", '""', """ALTER DATABASE "d" SET "search_path" = ''"""),
        ("search_path", 'a, "B c",public', """ALTER DATABASE "d" SET "search_path" = 'a', 'B c', 'public'"""),
        (
            "search_path",
            '"$user", "a"", b"',
            """ALTER DATABASE "d" SET "search_path" = '$user', 'a", b'""",
        ),
    ],
)
def test_a_stored_setting_becomes_a_statement_that_sets_it(name, stored, statement):
    # The quotes of a literal with a backslash may be of another kind; they mean the same.
    assert set_statement('DATABASE "d"', name, stored).replace(" E'", "'").replace("\\\\", "\\") == statement
