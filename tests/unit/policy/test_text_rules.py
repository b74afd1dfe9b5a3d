"""Text that people wrote: its findings get the rules that the policy has for their classes."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from support.policies import codes, compiled, foreign, primary, table

from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.policy.plan import Plan

KEY = MaskingKey(b"k" * 32)
CUSTOMERS = table(
    "customers",
    "id int not null",
    "first_name text",
    "last_name text",
    "email varchar(200)",
    "phone text",
    "notes text",
    unique_keys=(primary("id"),),
)
TICKETS = table("tickets", "id int not null", "author text", "body text", "payload jsonb")
CLASSES = {
    "customers": {
        "id": "key",
        "first_name": "person.first_name",
        "last_name": "person.last_name",
        "email": "person.email",
        "phone": "person.phone",
        "notes": "free_text",
    },
    "tickets": {"id": "key", "author": "person.name", "body": "free_text", "payload": "public"},
}
POLICY = "classes: {free_text: free_text, person.email: {email: {domain: masked.example}, domain: people}}"


def plan(folder: Path, text: str = POLICY) -> Plan:
    return compiled(folder, [CUSTOMERS, TICKETS], CLASSES, text)


def mask(made: Plan, name: str, column: str) -> ColumnMask:
    found = next(one.mask for one in made.by_table[f"public.{name}"].columns if one.column == column)
    assert found
    return found


def rules(made: ColumnMask, param: str) -> dict[str, tuple[str, str]]:
    value = made.params[param]
    assert isinstance(value, dict)
    return {name: (rule["transform"], rule["domain"]) for name, rule in value.items()}


def test_a_ticket_still_matches_its_customer(tmp_path: Path) -> None:
    made = plan(tmp_path)
    customers = pl.DataFrame(
        {
            "first_name": ["Maria"],
            "last_name": ["Schneider"],
            "email": ["maria@web.example"],
            "phone": ["+49 151 23456789"],
            "notes": ["Maria Schneider, MARIA@web.example"],
        }
    )
    tickets = pl.DataFrame(
        {"author": ["Jane Roe"], "body": ["From maria@web.example, +49 151 23456789: hi, Jane"]}
    )
    masked = Masker(made.by_table["public.customers"].masks, KEY).mask(customers)
    body = Masker(made.by_table["public.tickets"].masks, KEY).mask(tickets)
    row = masked.row(0, named=True)
    given = body["author"][0].split(" ")[0]
    assert body["body"][0] == f"From {row['email']}, {row['phone']}: hi, {given}"
    assert row["email"].endswith("@masked.example")
    assert row["notes"] == f"{row['first_name']} {row['last_name']}, {row['email']}"


def test_findings_get_the_rules_and_domains_of_their_classes(tmp_path: Path) -> None:
    made = mask(plan(tmp_path), "tickets", "body")
    assert rules(made, "rules")["email"] == ("email", "people")
    assert rules(made, "rules")["phone"] == ("phone", "person.phone")
    # No column has the class: what the policy's pack says for it.
    assert rules(made, "rules")["card_number"] == ("card_number", "payment.card_number")
    assert made.params["names_from"] == ["author"]
    assert rules(made, "column_rules") == {"author": ("full_name", "person.name")}


def test_the_rows_own_columns_are_those_that_are_masked(tmp_path: Path) -> None:
    made = mask(plan(tmp_path), "customers", "notes")
    assert made.params["names_from"] == ["first_name", "last_name"]
    assert made.params["values_from"] == ["email", "phone"]
    kept = plan(tmp_path, POLICY + "\ncolumns: {public.customers.email: keep}")
    assert mask(kept, "customers", "notes").params["values_from"] == ["phone"]


def test_what_the_policy_writes_stays(tmp_path: Path) -> None:
    text = """
columns:
  public.tickets.body:
    free_text:
      find: [email, own_names]
      rules: {email: hash}
      names_from: [author]
      column_rules: {author: {full_name: {locale: de_DE}, domain: mine}}
"""
    made = mask(plan(tmp_path, text), "tickets", "body")
    assert rules(made, "rules")["email"] == ("hash", None)
    assert rules(made, "column_rules") == {"author": ("full_name", "mine")}


def test_text_inside_of_a_document_is_filled_too(tmp_path: Path) -> None:
    text = "columns: {public.tickets.payload: {json: {paths: {$.note: free_text}}}}"
    paths = mask(plan(tmp_path, text), "tickets", "payload").params["paths"]
    assert isinstance(paths, dict)
    [inner] = [rule["params"] for rule in paths.values()]
    assert inner["rules"]["email"]["domain"] == "person.email"
    assert inner["names_from"] == ["author"]


def test_a_column_under_a_foreign_key_does_not_hang_on_its_row(tmp_path: Path) -> None:
    first = table("first", "note text not null", "author text", unique_keys=(primary("note"),))
    second = table("second", "note text", foreign_keys=(foreign("note", "first", "note"),))
    classes = {"first": {"note": "free_text", "author": "person.name"}, "second": {"note": "free_text"}}
    made = compiled(tmp_path, [first, second], classes, "classes: {free_text: [free_text, hash]}")
    assert [mask(made, name, "note").transform for name in ("first", "second")] == ["hash", "hash"]


def test_it_is_said_that_names_may_stay(tmp_path: Path) -> None:
    assert codes(plan(tmp_path)).count("DM169") == 2
    assert "DM169" not in codes(plan(tmp_path, "classes: {free_text: {free_text: {otherwise: redact}}}"))
