"""Rules of a policy that are made of other columns, files and draws, from a database to a loaded copy."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import psycopg
import pytest
from support.pipeline import KEY, adopt, load, take
from support.policies import classified, policy

from datamask.catalog.introspect import introspect
from datamask.db.session import connect
from datamask.errors import PolicyError
from datamask.masking.placeholders import FILES
from datamask.policy.compile import compile_policy
from datamask.policy.plan import Plan

TABLE = """
create table people (
  id integer primary key, first text, last text, email text unique not null, tier text, code varchar(8),
  salary numeric(10,2), age integer, city text, home point, photo bytea, seen timestamptz, opens time
);
insert into people
select i, 'First ' || i, 'Last' || chr(9) || i, i || '@web.example', 'gold', 'C' || i % 3, 50000 + i, i % 90,
  (array['Berlin', 'Paris', 'Rome'])[1 + i % 3], point(13.4 + i / 1000.0, 52.5), '\\xffd8ffe1'::bytea,
  '2024-02-29 12:34:56.789+00'::timestamptz, '12:34:56'
from generate_series(1, 500) i;
"""
CLASSES = dict.fromkeys(
    (
        "id",
        "first",
        "last",
        "email",
        "tier",
        "code",
        "salary",
        "age",
        "city",
        "home",
        "photo",
        "seen",
        "opens",
    ),
    "key",
)
RULES = """
columns:
  public.people.first: first_name
  public.people.last: last_name
  public.people.email: {template: {format: "{first|slug}.{last|slug}.{$token}@example.com"}}
  public.people.tier: {choice: {values: {gold: 1, silver: 3}, by: id}}
  public.people.code: {lookup: {file: codes.csv, else: {fixed: {value: none}}}}
  public.people.salary: {percentile: {quantiles: [50000, 50250, 60000], within: all, by: id}}
  public.people.age: {bucket: {width: 10}}
  public.people.city: {generalize: {groups: {Germany: [Berlin], France: [Paris]}}}
  public.people.home: {location: {grid_km: 20}}
  public.people.photo: strip_metadata
  public.people.seen: {truncate_date: {to: hour}}
  public.people.opens: {shift_time: {minutes: 30}}
"""


def plan(url: str, folder: Path) -> Plan:
    (folder / "codes.csv").write_text("from,to\nC0,K9\nC1,K8\n")
    with connect(url, read_only=True) as session:
        catalog = introspect(session)
    return compile_policy(policy(folder, RULES, extends=None), classified({"people": CLASSES}), catalog)


def test_a_masked_copy(server, tmp_path):
    url = server.ensure_database("general_rules")
    with psycopg.connect(url) as connection:
        connection.execute(TABLE.encode())
    compiled = plan(url, tmp_path)
    assert compiled.errors == ()
    manifest = take(url, tmp_path / "store", plan=compiled, key=KEY)
    copy = adopt(server.ensure_database("general_rules_copy"))
    load(copy, manifest, tmp_path / "store", accepts=frozenset({"staging"}))
    with psycopg.connect(copy) as connection:
        found = connection.execute(
            "select first, last, email, tier, code, salary, age, city, home::text, photo, seen::text, opens::text "
            "from people order by id"
        ).fetchall()
    assert len(found) == 500
    for first, last, email, *_ in found:
        slugs = [re.sub(r"[^a-z0-9]+", "-", name.lower()) for name in (first, last)]
        assert "First" not in first
        assert "\t" not in last
        assert re.fullmatch(r"[a-z0-9-]+\.[a-z0-9-]+\.[a-z2-7]{13}@example\.com", email)
        if (first + last).isascii():
            assert email.startswith(".".join(slugs))
    columns = list(zip(*found, strict=True))
    assert 80 < columns[3].count("gold") < 170
    assert {code: columns[4].count(code) for code in set(columns[4])} == {"K9": 166, "K8": 167, "none": 167}
    assert 190 < sum(salary < 50_250 for salary in columns[5]) < 310
    assert set(columns[6]) == set(range(0, 90, 10))
    assert set(columns[7]) == {"Germany", "France", "other"}
    assert 1 < len(set(columns[8])) < 10
    assert set(columns[9]) == {base64.b64decode(FILES["jpeg"])}
    assert set(columns[10]) == {"2024-02-29 12:00:00+00"}
    assert "12:34:56" not in columns[11]


def test_a_file_that_changes_after_the_policy_was_read_stops_the_snapshot(server, tmp_path):
    url = server.ensure_database("general_rules_changed")
    with psycopg.connect(url) as connection:
        connection.execute(TABLE.encode())
    compiled = plan(url, tmp_path)
    (tmp_path / "codes.csv").write_text("from,to\nC0,K9\nC1,C1\n")
    with pytest.raises(PolicyError, match=r"the file codes\.csv has changed since the policy was read"):
        take(url, tmp_path / "store", plan=compiled, key=KEY)
    assert plan(url, tmp_path).digest == compiled.digest
    (tmp_path / "codes.csv").write_text("from,to\nC0,K7\n")
    with connect(url, read_only=True) as session:
        catalog = introspect(session)
    changed = compile_policy(policy(tmp_path, RULES, extends=None), classified({"people": CLASSES}), catalog)
    assert changed.digest != compiled.digest
