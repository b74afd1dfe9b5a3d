from __future__ import annotations

from pathlib import Path

import pytest
from support.policies import codes, compiled, table

from datamask.catalog.model import Table

CLASSES = {"id": "key", "email": "person.email", "slug": "public", "updated": "public"}


def customers(*bodies: str) -> Table:
    return table("customers", "id int", "email text", "slug text", "updated date", trigger_bodies=bodies)


@pytest.mark.parametrize(
    "body",
    [
        "BEGIN NEW.slug := lower(NEW.email); RETURN NEW; END",
        "begin new.slug = lower(new.email); return new; end",
        "BEGIN\n  -- a comment; with a semicolon\n  IF NEW.slug IS NULL THEN\n    NEW.slug := left(NEW.email, 3);\n"
        "  END IF;\n RETURN NEW;\nEND",
        "DECLARE part text := split_part(NEW.email, '@', 1); BEGIN NEW.slug := part || '-x'; RETURN NEW; END",
        "BEGIN SELECT lower(NEW.email) INTO NEW.slug; RETURN NEW; END",
        'BEGIN NEW."slug" := OLD."email"; RETURN NEW; END',
    ],
)
def test_a_trigger_derives_a_column(tmp_path: Path, body: str) -> None:
    plan = compiled(tmp_path, [customers(body)], {"customers": CLASSES})
    assert codes(plan) == ["DM167"]
    assert plan.findings[0].message == (
        "public.customers.slug passes unchanged, and a trigger sets it from the masked email"
    )
    keep = compiled(
        tmp_path, [customers(body)], {"customers": CLASSES}, "columns: {public.customers.slug: keep}"
    )
    assert codes(keep) == []
    masked = compiled(tmp_path, [customers(body)], {"customers": {**CLASSES, "slug": "person.username"}})
    assert codes(masked) == []


@pytest.mark.parametrize(
    "body",
    [
        "BEGIN NEW.updated := now(); RETURN NEW; END",
        "BEGIN IF NEW.email <> OLD.email THEN NEW.updated := now(); END IF; RETURN NEW; END",
        "BEGIN NEW.email := lower(NEW.email); RETURN NEW; END",
        "BEGIN RAISE EXCEPTION 'no'; END",
    ],
)
def test_other_triggers_say_nothing(tmp_path: Path, body: str) -> None:
    assert codes(compiled(tmp_path, [customers(body)], {"customers": CLASSES})) == []


def test_a_trigger_writes_an_audit_table(tmp_path: Path) -> None:
    body = "BEGIN INSERT INTO public.audit (what) VALUES (to_jsonb(NEW)); RETURN NEW; END"
    audit = table("audit", "id int", "what jsonb")
    classes = {"customers": CLASSES, "audit": {"id": "key", "what": "public"}}
    plan = compiled(tmp_path, [customers(body), audit], classes)
    assert codes(plan) == ["DM167"]
    assert (plan.findings[0].table, plan.findings[0].column) == ("public.audit", "what")
    named = (
        "BEGIN INSERT INTO public.audit (what, who) VALUES ('a, (b', jsonb_build_object('m', OLD.email)); END"
    )
    two = table("audit", "what text", "who jsonb")
    plan = compiled(
        tmp_path, [customers(named), two], {**classes, "audit": {"what": "public", "who": "public"}}
    )
    assert [(finding.code, finding.column) for finding in plan.findings if finding.severity == "warning"] == [
        ("DM167", "who")
    ]
    emptied = compiled(tmp_path, [customers(body), audit], classes, "tables: {public.audit: {rows: none}}")
    assert codes(emptied) == []
    hidden = {**classes, "audit": {"id": "key", "what": "document"}}
    assert codes(compiled(tmp_path, [customers(body), audit], hidden)) == []


@pytest.mark.parametrize(
    "body",
    [
        "BEGIN UPDATE public.totals t SET last = now(), who = lower(NEW.email) WHERE t.id = NEW.id; RETURN NEW; END",
        "BEGIN update only totals set who = trim(both from new.email), n = n + 1 from x where x.e = new.email; END",
        "BEGIN INSERT INTO totals (id, n) VALUES (NEW.id, 1) ON CONFLICT (id) DO UPDATE SET n = 2, who = NEW.email; END",
        "BEGIN UPDATE totals SET (n, who) = (1, NEW.email); END",
    ],
)
def test_a_trigger_updates_another_table(tmp_path: Path, body: str) -> None:
    totals = table("totals", "id int", "n int", "last date", "who text")
    classes = {
        "customers": CLASSES,
        "totals": {"id": "key", "n": "public", "last": "public", "who": "public"},
    }
    plan = compiled(tmp_path, [customers(body), totals], classes)
    assert [(item.code, item.table, item.column) for item in plan.findings] == [
        ("DM167", "public.totals", "who")
    ]
    # What a value is only compared with is not derived from it.
    harmless = "BEGIN UPDATE totals SET who = 'x', n = n + 1 WHERE who = NEW.email; RETURN NEW; END"
    assert codes(compiled(tmp_path, [customers(harmless), totals], classes)) == []


def test_a_trigger_updates_its_own_table(tmp_path: Path) -> None:
    body = "BEGIN UPDATE customers SET slug = lower(NEW.email) WHERE id = NEW.id; RETURN NULL; END"
    plan = compiled(tmp_path, [customers(body)], {"customers": CLASSES})
    assert [(item.code, item.column) for item in plan.findings] == [("DM167", "slug")]
