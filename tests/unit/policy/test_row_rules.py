"""Rules that are made of the row's other columns."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.policies import check, codes, compiled, table, transforms

from datamask.errors import PolicyError

PEOPLE = table("people", "first text", "last text", "email text", "slug text = lower(first)")
CLASSES = {
    "people": {
        "first": "person.first_name",
        "last": "person.last_name",
        "email": "person.email",
        "slug": "public",
    }
}


def test_a_template_names_columns_of_its_table(tmp_path: Path) -> None:
    rule = 'columns:\n  public.people.email: {template: {format: "{first}.{last}@example.com"}}'
    plan = compiled(tmp_path, [PEOPLE], CLASSES, rule)
    assert plan.errors == ()
    assert transforms(plan)["people.email"] == "template"


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    rule = 'columns:\n  public.people.email: {template: {format: "{given}@example.com"}}'
    plan = compiled(tmp_path, [PEOPLE], CLASSES, rule)
    assert codes(plan) == ["DM107"]
    assert plan.errors[0].message == (
        "public.people.email is made of the column given, which the table does not have"
    )


def test_a_column_that_the_server_computes(tmp_path: Path) -> None:
    rule = 'columns:\n  public.people.email: {template: {format: "{slug}@example.com"}}'
    plan = compiled(tmp_path, [PEOPLE], CLASSES, rule)
    assert codes(plan) == ["DM107"]
    assert plan.errors[0].hint == "name what it is computed from"


def test_a_column_made_of_itself(tmp_path: Path) -> None:
    rule = 'columns:\n  public.people.email: {template: {format: "{email}"}}'
    plan = compiled(tmp_path, [PEOPLE], CLASSES, rule)
    assert codes(plan) == ["DM112"]
    assert plan.errors[0].message == "public.people.email is made of its own result"


def test_columns_made_of_each_other(tmp_path: Path) -> None:
    rule = (
        'columns:\n  public.people.email: {template: {format: "{last}@example.com"}}\n'
        '  public.people.last: {template: {format: "{email}"}}'
    )
    assert codes(compiled(tmp_path, [PEOPLE], CLASSES, rule)) == ["DM112", "DM112"]


def test_a_shuffle_is_refused_and_what_to_take_instead_is_said(tmp_path: Path) -> None:
    rule = "columns:\n  public.people.email: {shuffle: {}}"
    with pytest.raises(PolicyError, match="unknown transform 'shuffle'") as refused:
        compiled(tmp_path, [PEOPLE], CLASSES, rule)
    assert refused.value.hint == (
        "a result must not depend on other rows: take percentile with `within: all`, or choice, and `by: id` for a "
        "new draw in each row"
    )


TIERS = table("t", "tier text", checks=(check("tier = ANY (ARRAY['gold'::text, 'silver'::text])", "tier"),))


def test_choices_that_all_meet_a_constraint_are_proven(tmp_path: Path) -> None:
    rule = "columns:\n  public.t.tier: {choice: {values: {gold: 1, silver: 3}}}"
    assert codes(compiled(tmp_path, [TIERS], {"t": {"tier": "key"}}, rule)) == []


def test_one_choice_that_breaks_a_constraint_is_refused(tmp_path: Path) -> None:
    rule = "columns:\n  public.t.tier: {choice: {values: {gold: 1, bronze: 3}}}"
    plan = compiled(tmp_path, [TIERS], {"t": {"tier": "key"}}, rule)
    assert codes(plan) == ["DM137"]
    assert "one of its values breaks the constraint a_check" in plan.errors[0].message


def test_groups_are_proven_too(tmp_path: Path) -> None:
    rule = "columns:\n  public.t.tier: {generalize: {groups: {gold: [platinum]}, other: silver}}"
    assert codes(compiled(tmp_path, [TIERS], {"t": {"tier": "key"}}, rule)) == []
