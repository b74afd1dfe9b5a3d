"""What the shape of a database asks of a policy: inheritance, half foreign keys, computed columns, partial keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.policies import check, codes, compiled, foreign, primary, table, transforms, unique

from datamask.catalog.model import ForeignKey

FULL = ForeignKey("both", ("a", "b"), "public.there", ("a", "b"), match_full=True)


def test_half_of_a_foreign_key_with_match_full_may_not_become_null(tmp_path: Path) -> None:
    there = table("there", "a int not null", "b int not null", unique_keys=(primary("a", "b"),))
    here = table("here", "a int", "b int", foreign_keys=(FULL,))
    classes = {"there": {"a": "key", "b": "key"}, "here": {"a": "key", "b": "key"}}
    half = compiled(tmp_path, [there, here], classes, "columns: {public.here.a: 'null'}")
    assert codes(half) == ["DM146"]
    assert half.errors[0].message == (
        "the foreign key both of public.here is MATCH FULL, and a would be NULL beside b, which would not"
    )
    whole = compiled(
        tmp_path, [there, here], classes, "columns: {public.here.a: 'null', public.here.b: 'null'}"
    )
    assert codes(whole) == []
    simple = table("here", "a int", "b int", foreign_keys=(replace(FULL, match_full=False),))
    assert codes(compiled(tmp_path, [there, simple], classes, "columns: {public.here.a: 'null'}")) == []


def test_an_inherited_column_follows_a_foreign_key_of_its_parent(tmp_path: Path) -> None:
    animal = table("animal", "id int not null", "name text", unique_keys=(primary("id"),))
    dog = table("dog", "id int not null", "name text", inherits=("public.animal",))
    puppy = table("puppy", "id int not null", "name text", inherits=("public.dog",))
    visit = table("visit", "animal int", foreign_keys=(foreign("animal", "animal", "id"),))
    classes = {"animal": {"id": "key", "name": "person.name"}, "visit": {"animal": "key"}}
    plan = compiled(tmp_path, [animal, dog, puppy, visit], classes, "columns: {public.visit.animal: key}")
    assert codes(plan) == []
    assert {name: found for name, found in transforms(plan).items() if not name.endswith("name")} == {
        "animal.id": "key", "dog.id": "key", "puppy.id": "key", "visit.animal": "key",
    }  # fmt: skip
    domains = {mask.domain for one in plan.tables for mask in one.masks if mask.column != "name"}
    assert domains == {"public.visit.animal"}
    reasons = {one.table: one.columns[0].reason for one in plan.tables}
    assert reasons["public.puppy"] == "inherited from public.animal.id (column rule)"
    own = compiled(
        tmp_path,
        [animal, dog, puppy, visit],
        classes,
        "columns: {public.visit.animal: key, public.dog.id: hash}",
    )
    assert (own.errors, transforms(own)["dog.id"], transforms(own)["puppy.id"]) == ((), "hash", "hash")


def test_what_hangs_on_a_computed_column(tmp_path: Path) -> None:
    code = "code text not null = lower(name)"
    users = table(
        "users",
        "name text",
        code,
        unique_keys=(unique("code"),),
        checks=(check("code <> 'x'::text", "code"),),
    )
    posts = table("posts", "author text", foreign_keys=(foreign("author", "users", "code"),))
    classes = {"users": {"name": "person.username"}, "posts": {"author": "key"}}
    plan = compiled(tmp_path, [users, posts], classes)
    assert sorted(codes(plan)) == ["DM122", "DM136", "DM147"]
    assert [finding.column for finding in plan.errors] == ["code"]
    kept = compiled(tmp_path, [users, posts], classes, "columns: {public.users.name: keep}")
    assert codes(kept) == []


@pytest.mark.parametrize(
    ("predicate", "rule", "found"),
    [
        ("(deleted IS NULL)", "'null'", True),
        ("(deleted IS NULL)", "{shift_date: {within: 9d}}", False),
        ("(deleted IS NOT NULL)", "{shift_date: {within: 9d}}", False),
        ("((deleted IS NULL) AND (name <> ''::text))", "{shift_date: {within: 9d}}", False),
        ("(deleted > '2020-01-01'::date)", "{shift_date: {within: 9d}}", True),
    ],
)
def test_a_masked_column_decides_what_a_partial_key_covers(
    tmp_path: Path, predicate: str, rule: str, found: bool
) -> None:
    users = table(
        "users", "name text", "deleted date", unique_keys=(unique("name", partial=True, predicate=predicate),)
    )
    classes = {"users": {"name": "public", "deleted": "public"}}
    plan = compiled(tmp_path, [users], classes, f"columns: {{public.users.deleted: {rule}}}")
    assert codes(plan) == (["DM125"] if found else [])


def test_the_empty_text_stays_on_its_side(tmp_path: Path) -> None:
    users = table(
        "users", "email text", unique_keys=(unique("email", partial=True, predicate="(email <> ''::text)"),)
    )
    assert codes(compiled(tmp_path, [users], {"users": {"email": "person.email"}})) == []


def test_a_key_of_one_partition_proves_nothing_about_the_others(tmp_path: Path) -> None:
    parts = (
        table(
            "pay", "id int not null", "no int", "payer text", kind="partitioned", partition_key=("id",),
            unique_keys=(unique("id", "no", "payer"),),
        ),
        table(
            "pay_1", "id int not null", "no int", "payer text", parent="public.pay", root="public.pay",
            unique_keys=(unique("id", "no", "payer"), unique("no")),
        ),
        table(
            "pay_2", "id int not null", "no int", "payer text", parent="public.pay", root="public.pay",
            unique_keys=(unique("id", "no", "payer"),),
        ),
    )  # fmt: skip
    classes = {"pay": {"id": "key", "no": "key", "payer": "public"}}
    plan = compiled(tmp_path, parts, classes, "columns: {public.pay.payer: full_name}")
    assert codes(plan) == ["DM120"]


def test_findings_know_where_they_are_to_be_mended(tmp_path: Path) -> None:
    users = table("users", "id int not null", "email text", "age int", unique_keys=(primary("id"),))
    classes = {"users": {"id": "key", "email": "person.email"}}
    text = "columns:\n  public.users.id: url\n  public.users.gone: keep\nreferences:\n  - public.a.b -> public.c.d"
    plan = compiled(tmp_path, [users], classes, text)
    places = {
        (finding.code, finding.column): (finding.mark.file.name, finding.mark.line)
        for finding in plan.errors
        if finding.mark
    }
    assert places == {
        ("DM100", "age"): ("classification.yaml", 5),
        ("DM104", "gone"): ("staging.yaml", 6),
        ("DM104", None): ("staging.yaml", 8),
        ("DM110", "id"): ("staging.yaml", 5),
    }
