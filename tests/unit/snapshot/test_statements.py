from __future__ import annotations

from dataclasses import replace

import pytest
from support.policies import column, table

from datamask.policy.plan import TablePlan
from datamask.snapshot.chunks import Chunk
from datamask.snapshot.statements import copy_out, select, stored_columns

PLAN = TablePlan("public.t", ())
WHOLE = Chunk("public.t", 0, None, None, 0)


def test_only_rows_of_the_table_itself_are_read():
    assert copy_out(table("t", "a int", "b text"), PLAN, WHOLE) == (
        'COPY (SELECT "a", "b" FROM ONLY "public"."t") TO STDOUT'
    )


def test_names_are_quoted():
    odd = replace(table("t", "a int"), schema='s"1', name="T t")
    assert select(odd, PLAN) == 'SELECT "a" FROM ONLY "s""1"."T t"'


def test_generated_columns_are_left_to_the_load():
    found = table("t", "a int", "b text = (upper(c))", "c text")
    assert [item.name for item in stored_columns(found)] == ["a", "c"]
    assert copy_out(found, PLAN, WHOLE) == 'COPY (SELECT "a", "c" FROM ONLY "public"."t") TO STDOUT'


def test_a_table_without_columns_gives_its_rows():
    assert select(table("t"), PLAN) == 'SELECT  FROM ONLY "public"."t"'


@pytest.mark.parametrize(
    ("first", "end", "condition"),
    [
        (None, 10, "ctid < '(10,0)'::pg_catalog.tid"),
        (10, None, "ctid >= '(10,0)'::pg_catalog.tid"),
        (10, 20, "ctid >= '(10,0)'::pg_catalog.tid AND ctid < '(20,0)'::pg_catalog.tid"),
    ],
)
def test_a_chunk_is_a_range_of_pages(first, end, condition):
    chunk = Chunk("public.t", 1, first, end, 0)
    assert select(table("t", "a int"), PLAN, chunk) == f'SELECT "a" FROM ONLY "public"."t" WHERE {condition}'


def test_conditions_stand_apart_from_each_other():
    plan = replace(PLAN, where="a = 1 OR b = 2 -- the old ones")
    chunk = Chunk("public.t", 1, 10, None, 0)
    assert select(table("t", "a int"), plan, chunk).endswith(
        "WHERE ctid >= '(10,0)'::pg_catalog.tid AND (\na = 1 OR b = 2 -- the old ones\n)"
    )


def test_a_sample_is_the_same_each_time():
    plan = replace(PLAN, sample=0.25)
    assert select(table("t", "a int"), plan) == (
        'SELECT "a" FROM ONLY "public"."t" TABLESAMPLE BERNOULLI (25.0) REPEATABLE (0)'
    )


@pytest.mark.parametrize("registered", ["WHERE NOT standard", " where NOT standard", "NOT standard"])
def test_an_extension_says_which_of_its_rows_are_the_users(registered):
    found = table("t", "a int", extension="e", extension_condition=registered)
    assert select(found, PLAN).endswith("WHERE (\n NOT standard\n)") or select(found, PLAN).endswith(
        "WHERE (\nNOT standard\n)"
    )


def test_an_extension_that_wants_all_rows_kept_sets_no_condition():
    found = table("t", "a int", extension="e", extension_condition="")
    assert select(found, PLAN) == 'SELECT "a" FROM ONLY "public"."t"'


def test_virtual_columns_are_generated_too():
    virtual = replace(column("v int"), generated="virtual")
    assert stored_columns(replace(table("t"), columns=(virtual,))) == ()
