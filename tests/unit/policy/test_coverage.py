from __future__ import annotations

from pathlib import Path

from support.policies import catalog, compiled, primary, table

from datamask.policy.coverage import Coverage, coverage
from datamask.report.coverage_html import coverage_html
from datamask.report.coverage_markdown import coverage_markdown

CUSTOMERS = table(
    "customers", "id int not null", "email text", "mood enum not null", "home text", "new text",
    "low text = lower(email)",
    unique_keys=(primary("id"),),
)  # fmt: skip
QUEUE = table("queue", "payload jsonb")
PARTS = (
    table("pay", "payer text", kind="partitioned"),
    table("pay_1", "payer text", parent="public.pay", root="public.pay"),
    table("pay_2", "payer text", parent="public.pay", root="public.pay"),
)
CLASSES = {
    "customers": {
        "id": "key",
        "email": "person.email",
        "mood": "person.demographic",
        "home": "address.country",
    },
    "queue": {"payload": "document"},
    "pay": {"payer": "person.name"},
}
TEXT = """
columns:
  public.customers.mood: 'null'
  public.pay.payer: {redact: {with: "<b>|hidden|</b>"}}
tables: {public.queue: {rows: none}}
"""


def made(folder: Path) -> Coverage:
    database = catalog(CUSTOMERS, QUEUE, *PARTS)
    return coverage(compiled(folder, database, CLASSES, TEXT), database)


def test_what_needs_a_look_comes_first(tmp_path: Path) -> None:
    rows = made(tmp_path)
    assert [(row.table.removeprefix("public."), row.column, row.state) for row in rows.columns] == [
        ("customers", "new", "unclassified"),
        ("customers", "mood", "open"),
        ("customers", "home", "kept"),
        ("customers", "email", "masked"),
        ("pay", "payer", "masked"),
        ("customers", "id", "safe"),
        ("customers", "low", "safe"),
        ("queue", "payload", "empty"),
    ]
    assert rows.states == {"unclassified": 1, "open": 1, "kept": 1, "masked": 2, "safe": 2, "empty": 1}
    assert [(total.data_class, total.columns) for total in rows.classes][:3] == [
        ("unclassified", 2), ("key", 1), ("person.name", 1),
    ]  # fmt: skip
    email = rows.columns[3]
    assert (email.transform, email.domain, email.reason) == ("email", "person.email", "class person.email")
    assert email.laws is not None
    assert email.laws.injective


def test_names_and_parameters_are_text_in_either_form(tmp_path: Path) -> None:
    rows = made(tmp_path)
    page = coverage_html([rows], environment="a<b>", project="shop & co", version="1.0")
    assert "<b>|hidden|</b>" not in page
    assert "&lt;b&gt;|hidden|&lt;/b&gt;" in page
    assert "shop &amp; co · a&lt;b&gt;" in page
    assert page.count('<tr data-state="') == len(rows.columns)
    text = coverage_markdown([rows], "production")
    assert "\\<b\\>\\|hidden\\|\\</b\\>" in text
    lines = [line.replace("\\|", "") for line in text.splitlines() if line.startswith("| `public.")]
    assert [line.count("|") for line in lines] == [9] * len(rows.columns)
