from __future__ import annotations

from pathlib import Path

from support.policies import compiled, foreign, primary, table

from datamask.policy.compare import PlanDiff, compare_plans
from datamask.policy.plan import Plan

CUSTOMERS = table(
    "customers", "id int not null", "email text", "name text", "notes text", unique_keys=(primary("id"),)
)
CLASSES = {"id": "key", "email": "person.email", "name": "person.name", "notes": "free_text"}


def plan(folder: Path, text: str = "", classes: dict[str, str] | None = None) -> Plan:
    return compiled(folder, [CUSTOMERS], {"customers": classes or CLASSES}, text)


def compared(old: Plan, new: Plan) -> PlanDiff:
    return compare_plans(old, new, lambda key: key)


def told(diff: PlanDiff) -> list[tuple[str, str, list[tuple[str, object, object]]]]:
    return [
        (
            change.column,
            change.effect,
            [(item.aspect, item.before, item.after) for item in change.differences],
        )
        for change in diff.columns
    ]


def test_nothing_changes(tmp_path: Path) -> None:
    diff = compared(plan(tmp_path), plan(tmp_path))
    assert diff.same_data
    assert (diff.columns, diff.rows, diff.appeared, diff.gone) == ((), (), (), ())


def test_the_gravest_change_comes_first(tmp_path: Path) -> None:
    edit = """
classes:
  person.email: {email: {domain: test.example}}
columns:
  public.customers.name: keep
  public.customers.id: key
"""
    diff = compared(plan(tmp_path), plan(tmp_path, edit))
    assert not diff.same_data
    assert [(column, effect) for column, effect, _ in told(diff)] == [
        ("name", "exposed"),
        ("email", "changed"),
        ("id", "hidden"),
    ]
    assert told(diff)[1][2] == [("params.domain", "example.com", "test.example")]


def test_a_new_class_may_change_no_value(tmp_path: Path) -> None:
    edit = "columns: {public.customers.notes: 'null'}"
    diff = compared(plan(tmp_path, edit), plan(tmp_path, edit, {**CLASSES, "notes": "document"}))
    assert told(diff) == [
        (
            "notes",
            "changed",
            [("class", "free_text", "document"), ("domain", "free_text", "document")],
        )
    ]
    edit = "columns: {public.customers.notes: {fixed: {value: x}, domain: own}}"
    diff = compared(plan(tmp_path, edit), plan(tmp_path, edit, {**CLASSES, "notes": "document"}))
    assert told(diff) == [("notes", "classified", [("class", "free_text", "document")])]


def test_rows_and_findings(tmp_path: Path) -> None:
    edit = "columns: {public.customers.id: key}\ntables: {public.customers: {where: id > 7}}"
    keyed = table("customers", "id int not null identity", "email text", unique_keys=(primary("id"),))
    child = table("orders", "customer int", foreign_keys=(foreign("customer", "customers", "id"),))
    classes = {"customers": {"id": "key", "email": "person.email"}, "orders": {"customer": "key"}}
    diff = compared(
        compiled(tmp_path, [keyed, child], classes), compiled(tmp_path, [keyed, child], classes, edit)
    )
    assert [(change.table, [item.aspect for item in change.differences]) for change in diff.rows] == [
        ("public.customers", ["where"])
    ]
    assert {finding.code for finding in diff.appeared} == {"DM135", "DM141", "DM150"}
    assert diff.gone == ()
    back = compared(
        compiled(tmp_path, [keyed, child], classes, edit), compiled(tmp_path, [keyed, child], classes)
    )
    assert {finding.code for finding in back.gone} == {"DM135", "DM141", "DM150"}


def test_partitions_count_as_their_table(tmp_path: Path) -> None:
    parts = (
        table("pay", "id int not null", "payer text", kind="partitioned", partition_key=("id",)),
        *(
            table(f"pay_{n}", "id int not null", "payer text", parent="public.pay", root="public.pay")
            for n in (1, 2)
        ),
    )
    classes = {"pay": {"id": "key", "payer": "person.name"}}
    old = compiled(tmp_path, parts, classes)
    new = compiled(tmp_path, parts, classes, "columns: {public.pay.payer: hash}")
    diff = compare_plans(old, new, lambda _: "public.pay")
    assert [(change.table, change.column, change.effect) for change in diff.columns] == [
        ("public.pay", "payer", "changed")
    ]
