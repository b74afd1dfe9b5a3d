"""What a class's rule leaves in columns, it leaves inside of documents and texts as well; conditions stay outside."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
from support.policies import compiled, primary, table

from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.policy.plan import Plan

KEY = MaskingKey(b"k" * 32)
CUSTOMERS = table(
    "customers",
    "id int not null",
    "name text",
    "email varchar(80)",
    "notes text",
    "data jsonb",
    unique_keys=(primary("id"),),
)
CLASSES = {
    "customers": {
        "id": "key",
        "name": "person.name",
        "email": "person.email",
        "notes": "free_text",
        "data": "{json: {$.mail: person.email, $.note: free_text}}",
    }
}
ROW = {
    "id": [1, 2],
    "name": ["Test User", "Maria Schneider"],
    "email": ["bob@ourcompany.com", "maria@web.example"],
    "notes": ["Test User of bob@ourcompany.com", "Maria Schneider of maria@web.example"],
    "data": [
        json.dumps({"mail": mail, "note": f"ask {mail}"})
        for mail in ("bob@ourcompany.com", "maria@web.example")
    ],
}
POLICY = """
classes:
  free_text: free_text
  person.email: {email: {}, except: ["@ourcompany.com"]}
  person.name: {full_name: {}, except: ["Test User"]}
"""


def masked(plan: Plan) -> pl.DataFrame:
    return Masker(plan.by_table["public.customers"].masks, KEY).mask(pl.DataFrame(ROW))


def test_what_a_column_keeps_stays_in_documents_and_texts(tmp_path: Path) -> None:
    kept, other = masked(compiled(tmp_path, [CUSTOMERS], CLASSES, POLICY)).rows(named=True)
    assert kept == {name: values[0] for name, values in ROW.items()}
    assert other["notes"] == f"{other['name']} of {other['email']}"
    assert json.loads(other["data"]) == {"mail": other["email"], "note": f"ask {other['email']}"}
    assert "maria" not in str(other).casefold()


def test_every_column_that_keeps_something_is_told(tmp_path: Path) -> None:
    plan = compiled(tmp_path, [CUSTOMERS], CLASSES, POLICY)
    said = {finding.column: finding.message for finding in plan.findings if finding.code == "DM165"}
    assert said == {
        "name": "public.customers.name keeps the values that match 'Test User'",
        "email": "public.customers.email keeps the values that match '@ourcompany.com'",
        "notes": "public.customers.notes keeps what is inside of its values and matches '@ourcompany.com', 'Test User'",
        "data": "public.customers.data keeps what is inside of its values and matches '@ourcompany.com', 'Test User'",
    }


def test_what_is_under_a_condition_in_its_column_is_masked_inside(tmp_path: Path) -> None:
    text = POLICY.replace('except: ["@ourcompany.com"]', 'when: "id = 2"')
    plan = compiled(tmp_path, [CUSTOMERS], CLASSES, text)
    first = masked(plan).row(0, named=True)
    assert first["email"] == "bob@ourcompany.com"
    assert "bob@ourcompany.com" not in first["notes"] + first["data"]


def test_a_rule_inside_of_a_columns_own_rule_may_have_an_exception(tmp_path: Path) -> None:
    text = """
classes: {free_text: redact, person.email: email, person.name: full_name}
columns:
  public.customers.data: {json: {paths: {$.mail: {email: {}, except: "@ourcompany.com"}}, unknown: drop}}
    """
    plan = compiled(tmp_path, [CUSTOMERS], CLASSES, text)
    assert [finding.column for finding in plan.findings if finding.code == "DM165"] == ["data"]
    assert json.loads(masked(plan)["data"][0]) == {"mail": "bob@ourcompany.com"}


def test_an_exception_inside_changes_the_digest(tmp_path: Path) -> None:
    digests = {
        compiled(
            tmp_path,
            [CUSTOMERS],
            CLASSES,
            f"""
classes: {{free_text: redact, person.email: email, person.name: full_name}}
columns:
  public.customers.data: {{json: {{paths: {{$.mail: {{email: {{}}, {beside}}}}}}}}}
""",
        ).digest
        for beside in ("domain: d", 'domain: d, except: ["@a.b"]', "domain: d, preserve: [case]")
    }
    assert len(digests) == 3
