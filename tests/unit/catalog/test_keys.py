from __future__ import annotations

from datamask.catalog.keys import check, unique_key

COLUMNS = {1: "id", 2: "email", 4: "name"}
LOWER_EMAIL = "({FUNCEXPR :funcid 870 :args ({VAR :varno 1 :varattno 2 :vartype 25}) :location 1})"


def test_expression_columns_come_from_the_stored_tree() -> None:
    key = unique_key(COLUMNS, "k", "i", [0, 4], LOWER_EMAIL, True)
    assert (key.columns, key.expression_columns, key.partial, key.kind) == (
        ("name",),
        ("email",),
        True,
        "index",
    )


def test_a_whole_row_expression_reads_every_column() -> None:
    key = unique_key(COLUMNS, "k", "i", [0], "({VAR :varno 1 :varattno 0 :vartype 2249})", False)
    assert key.expression_columns == ("id", "email", "name")


def test_a_check_over_no_column() -> None:
    assert check(COLUMNS, "c", None, "CHECK (true)").columns == ()
