"""What the compiler makes of columns whose payload is classified path by path."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from support.policies import codes, compiled, foreign, policy, primary, table

from datamask.errors import PolicyError
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.policy.plan import ColumnPlan, Plan

CUSTOMERS = table(
    "customers", "id int not null", "email varchar(60)", "data jsonb", unique_keys=(primary("id"),)
)
CLASSES = {"id": "key", "email": "person.email"}


def planned(folder: Path, paths: str, text: str = "", **more: str | None) -> Plan:
    classes = {"customers": {**CLASSES, "data": f"{{json: {{{paths}}}}}"}}
    return compiled(folder, [CUSTOMERS], classes, text, **more)


def data_of(plan: Plan) -> ColumnPlan:
    return next(column for column in plan.by_table["public.customers"].columns if column.column == "data")


def inside(plan: Plan) -> dict[str, tuple[str, str | None]]:
    mask = data_of(plan).mask
    assert mask is not None
    return {path: (rule["transform"], rule["domain"]) for path, rule in mask.params["paths"].items()}


def test_paths_get_the_rules_and_domains_of_their_classes(tmp_path: Path) -> None:
    plan = planned(
        tmp_path,
        '"$.mail": person.email, "$.born": person.birth_date, "$.theme": public, "$.note": free_text',
    )
    assert codes(plan) == []
    assert inside(plan) == {
        "$.mail": ("email", "person.email"),
        "$.born": ("shift_date", "person.birth_date"),
        "$.theme": ("keep", None),
        "$.note": ("redact", "free_text"),
    }
    column = data_of(plan)
    assert (column.data_class, column.transform) == ("document", "json")
    assert column.reason == (
        "class document by path ($.mail: person.email (email); $.born: person.birth_date (shift_date); "
        "$.theme: public (keep); $.note: free_text (redact); all else: redact)"
    )


def test_an_address_has_the_pseudonym_that_its_column_gives_it(tmp_path: Path) -> None:
    plan = planned(tmp_path, '"$.mail": person.email, "$.theme": public')
    frame = pl.DataFrame(
        {
            "email": ["maria@web.example", "bob@web.example"],
            "data": [
                '{"mail": "maria@web.example", "theme": "dark", "age": 39}',
                '{"mail": "bob@web.example"}',
            ],
        }
    )
    masked = Masker(plan.by_table["public.customers"].masks, MaskingKey(b"k" * 32)).mask(frame)
    documents = [json.loads(text) for text in masked["data"]]
    assert [document["mail"] for document in documents] == masked["email"].to_list()
    assert (documents[0]["theme"], documents[0]["age"]) == ("dark", 0)
    assert not set(masked["email"]) & set(frame["email"])


@pytest.mark.parametrize("unknown", ["redact", "drop", "keep"])
def test_the_policy_says_what_happens_to_other_values(tmp_path: Path, unknown: str) -> None:
    plan = planned(tmp_path, '"$.mail": person.email', f"documents: {{unknown: {unknown}}}")
    mask = data_of(plan).mask
    assert mask is not None
    assert mask.params["unknown"] == unknown
    assert codes(plan) == (["DM168"] if unknown == "keep" else [])


def test_a_document_of_which_everything_is_kept_is_not_masked(tmp_path: Path) -> None:
    plan = planned(tmp_path, '"$.theme": public', "documents: {unknown: keep}")
    assert data_of(plan).mask is None
    assert "DM168" in codes(plan)


def test_a_child_policy_inherits_what_happens_to_other_values(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("version: 1\nextends: default\ndocuments: {unknown: drop}\n")
    assert policy(tmp_path, extends="./base.yaml").documents == "drop"
    assert policy(tmp_path, "documents: {unknown: keep}\n", extends="./base.yaml").documents == "keep"


def test_what_documents_takes(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"unknown must be one of redact, drop, keep"):
        policy(tmp_path, "documents: {unknown: mask}\n")


def test_a_class_without_a_rule_is_an_error(tmp_path: Path) -> None:
    plan = planned(tmp_path, '"$.mail": person.email, "$.theme": public', extends=None)
    found = [finding for finding in plan.findings if finding.column == "data"]
    assert [finding.code for finding in found] == ["DM105"]
    assert found[0].message == (
        "$.mail in public.customers.data is person.email, for which the policy staging has no rule"
    )


def test_a_rule_that_cannot_be_used_inside_is_passed_over(tmp_path: Path) -> None:
    plan = planned(tmp_path, '"$.f": binary', "classes: {binary: [placeholder, redact]}")
    assert inside(plan)["$.f"][0] == "redact"
    plan = planned(tmp_path, '"$.f": binary', "classes: {binary: placeholder}")
    assert codes(plan) == ["DM110"]


def test_a_rule_may_need_a_column_of_the_row(tmp_path: Path) -> None:
    orders = table(
        "orders", "customer_id int", "data jsonb", foreign_keys=(foreign("customer_id", "customers", "id"),)
    )
    classes = {"customers": {**CLASSES, "data": "document"}, "orders": {"customer_id": "key"}}
    classes["orders"]["data"] = '{json: {"$.born": person.birth_date}}'
    text = "classes: {person.birth_date: {shift_date: {within: 30d, by: customers.id}}}"
    plan = compiled(tmp_path, [CUSTOMERS, orders], classes, text)
    assert codes(plan) == []
    mask = plan.by_table["public.orders"].masks[0]
    assert mask.params["paths"]["$.born"]["params"]["by"] == "customer_id"


def test_what_is_no_json_falls_back_to_the_rule_for_documents(tmp_path: Path) -> None:
    odd = table("customers", "id int not null", "data int")
    plan = compiled(tmp_path, [odd], {"customers": {"id": "key", "data": '{json: {"$.a": person.email}}'}})
    assert data_of(plan).transform != "json"
    assert data_of(plan).mask is not None
