"""Everything that PostgreSQL lets repeat a masked column: each copy is found, and once classified none is left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
from support.pipeline import adopt, load, take

from datamask.catalog.introspect import introspect
from datamask.classify.file import read_classification
from datamask.commands.trial import try_plan
from datamask.db.session import connect
from datamask.masking.keys import MaskingKey
from datamask.policy.compile import compile_policy
from datamask.policy.file import read_policy
from datamask.policy.plan import Plan

KEY = MaskingKey(bytes(range(32)))

SCHEMA = """
create schema c;
create table c.people (
    id int primary key, email text, lowered text generated always as (lower(email)) stored, words tsvector,
    email_hash text, slug text, login text, profile jsonb
);
create table c.history (id int generated always as identity primary key, what text);
create table c.totals (id int primary key, last_one text);
create table c.elsewhere (id int primary key, address text);
create function c.derive() returns trigger language plpgsql as $$
begin
    new.slug := replace(new.email, '@', '-at-');
    insert into c.history (what) values ('new: ' || new.email);
    update c.totals set last_one = new.email where id = new.id;
    return new;
end $$;
create trigger derive before insert on c.people for each row execute function c.derive();
insert into c.totals select n, '' from generate_series(1, 30) n;
insert into c.people (id, email, words, email_hash, login, profile)
select n, e, to_tsvector('simple', e), md5(e), e, jsonb_build_object('mail', e)
from generate_series(1, 30) n, lateral (values ('orig' || n || '@web.example')) v(e);
insert into c.elsewhere select n, 'orig' || n || '@web.example' from generate_series(1, 30) n;
create view c.contacts as select id, 'mailto:' || email as link from c.people;
create materialized view c.domains as select email, count(*) from c.people group by email;
create materialized view c.links as select link from c.contacts;
"""
PUBLIC = """version: 1
tables:
  c.people: {id: key, email: person.email, words: public, email_hash: public, slug: public,
    login: public, profile: public}
  c.history: {id: key, what: public}
  c.totals: {id: key, last_one: public}
  c.elsewhere: {id: key, address: public}
"""
CLASSIFIED = """version: 1
tables:
  c.people: {id: key, email: person.email, words: search_index, email_hash: person, slug: person, login: person.email,
    profile: document}
  c.history: {id: key, what: free_text}
  c.totals: {id: key, last_one: free_text}
  c.elsewhere: {id: key, address: person.email}
"""


def plan_of(url: str, folder: Path, classes: str, *, tried: bool) -> Plan:
    (folder / "classification.yaml").write_text(classes, encoding="utf-8")
    (folder / "policy.yaml").write_text("version: 1\nextends: default\n", encoding="utf-8")
    with connect(url, read_only=True) as session:
        catalog = introspect(session)
        plan = compile_policy(
            read_policy(folder / "policy.yaml"), read_classification(folder / "classification.yaml"), catalog
        )
        return try_plan(session, catalog, plan, KEY).plan if tried else plan


def test_each_copy_is_found(database: Callable[[], str], tmp_path: Path) -> None:
    url = database()
    with connect(url) as session:
        session.script(SCHEMA)
    found = {
        (finding.code, finding.table, finding.column)
        for finding in plan_of(url, tmp_path, PUBLIC, tried=True).findings
    }
    assert {
        ("DM160", "c.people", "lowered"),
        ("DM161", "c.people", "words"),
        ("DM162", "c.people", "email_hash"),
        ("DM163", "c.people", "profile"),
        ("DM166", "c.people", "login"),
        ("DM166", "c.people", "profile"),
        ("DM166", "c.elsewhere", "address"),
        ("DM167", "c.people", "slug"),
        ("DM167", "c.history", "what"),
        ("DM167", "c.totals", "last_one"),
    } <= found


def test_no_copy_is_left(database: Callable[[], str], tmp_path: Path) -> None:
    url = database()
    with connect(url) as session:
        session.script(SCHEMA)
    plan = plan_of(url, tmp_path, CLASSIFIED, tried=False)
    assert plan.errors == ()
    assert not any(finding.severity == "warning" for finding in plan.findings)
    manifest = take(url, tmp_path / "store", plan=plan, workers=1)
    dev = adopt(database())
    load(dev, manifest, tmp_path / "store", workers=1, accepts=frozenset({manifest.policy}))
    with psycopg.connect(dev) as connection:
        relations = connection.execute(
            "select format('%I.%I', nspname, relname), relkind from pg_class join pg_namespace n on n.oid = relnamespace"
            " where nspname = 'c' and relkind in ('r', 'v', 'm')"
        ).fetchall()
        assert len(relations) == 7
        for name, kind in relations:
            rows = connection.execute(f"select t::text from {name} t").fetchall()
            assert len(rows) == 30, name
            left = [row for (row,) in rows if "orig" in row or "web.example" in row]
            assert left == [], (name, kind)
