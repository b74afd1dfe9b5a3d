"""A trial in a scratch database: everything that a load would stop at is found there, and nothing stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from support.command_line import KEY as KEY_TEXT

from datamask.catalog.introspect import introspect
from datamask.catalog.model import Catalog
from datamask.classify.file import read_classification
from datamask.commands.project import open_project
from datamask.commands.trial import Trial, TrialPlace, try_plan
from datamask.commands.trial_places import Place, ScratchDatabase, on_embedded, scratch_places
from datamask.db.embedded import EmbeddedServer
from datamask.db.session import Session, connect
from datamask.masking.keys import MaskingKey
from datamask.policy.compile import compile_policy
from datamask.policy.file import read_policy
from datamask.policy.plan import Plan

KEY = MaskingKey(bytes(range(32)))

# What is under a constraint here is what no law of a transform proves.
SCHEMA = r"""
create schema s;
create domain s.code as text check (value ~ '^[A-Z]{2}[0-9]+$');
create function s.no_original(text) returns boolean immutable language sql as $$select $1 !~ 'orig'$$;
create table s.people (
    id int primary key, "odd "" name" text, code s.code, born date check (born < '2010-01-01'), ref text, part text,
    number bigint generated always as (ref::bigint) stored,
    length int generated always as (length(part)) stored check (length < 10)
);
insert into s.people (id, "odd "" name", code, born, ref, part)
select n, 'orig' || n || '@web.example', 'AB' || n, date '1980-01-01' + n, n::text, 'orig' || n
from generate_series(1, 40) n;
alter table s.people add constraint hidden check (s.no_original("odd "" name")) not valid;
alter table s.people add constraint powerless check (current_setting('is_superuser') = 'off' or part is null) not valid;
create unique index first_letters on s.people (left("odd "" name", 9));
create table s.bookings (id int primary key, room text, guest text,
    constraint one_guest exclude using btree (left(guest, 5) with =) deferrable initially deferred,
    unique (room) deferrable);
insert into s.bookings select n, 'room' || n, chr(64 + n) || 'orig' from generate_series(1, 20) n;
create index numbers on s.bookings ((right(room, -4)::int));
create table s.events (at date not null, id int, who text, primary key (at, id)) partition by range (at);
create table s.events_1 partition of s.events for values from ('2020-01-01') to ('2021-01-01');
create table s.events_2 partition of s.events for values from ('2021-01-01') to ('2022-01-01');
alter table s.events add constraint short check (length(who) < 30);
insert into s.events select date '2020-12-25' + n, n, 'orig' || n || '@web.example' from generate_series(1, 14) n;
create table s.parents (a int, b text, primary key (a, b));
create table s.children (id int primary key, a int, b text, foreign key (a, b) references s.parents);
insert into s.parents select n, 'orig' || n from generate_series(1, 10) n;
insert into s.children select n, n, 'orig' || n from generate_series(1, 10) n union all select 11, 1, null;
create function s.unsafe(text) returns text immutable strict language internal as 'upper';
create table s.elsewhere (id int primary key, word text check (s.unsafe(word) <> '') check (word ~ '^orig'));
insert into s.elsewhere select n, 'orig' || n from generate_series(1, 5) n;
"""
CLASSES = """version: 1
tables:
  s.people: {id: key, 'odd " name': person.email, code: person.national_id,
    born: person.birth_date, ref: key, part: person.username}
  s.bookings: {id: key, room: key, guest: person.name}
  s.events: {at: public, id: key, who: person.email}
  s.parents: {a: key, b: person.username}
  s.children: {id: key, a: key, b: person.username}
  s.elsewhere: {id: key, word: person.username}
"""
HARMLESS = """
  s.people."odd "" name": {email: {domain: masked.example}}
  s.people.code: plate
  s.people.part: {redact: {with: HIDDEN}}
"""
WRONG = """
  s.people."odd "" name": {email: {domain: masked.example}}
  s.people.code: hash
  s.people.born: {shift_date: {within: 30d}}
  s.people.part: hash
  s.people.ref: hash
  s.bookings.room: hash
  s.bookings.guest: avatar
"""


@dataclass
class Source:
    """A database, a session that reads it, and a policy for it."""

    url: str
    session: Session
    folder: Path

    def plan(self, rules: str) -> tuple[Catalog, Plan]:
        (self.folder / "classification.yaml").write_text(CLASSES, encoding="utf-8")
        (self.folder / "policy.yaml").write_text(
            f"version: 1\nextends: default\nclasses:\n  key: keep\ncolumns:{rules}", encoding="utf-8"
        )
        catalog = introspect(self.session)
        plan = compile_policy(
            read_policy(self.folder / "policy.yaml"),
            read_classification(self.folder / "classification.yaml"),
            catalog,
        )
        assert [f"{finding.code} {finding.message}" for finding in plan.errors] == []
        return catalog, plan

    def tried(self, rules: str, *places: Place) -> Trial:
        catalog, plan = self.plan(rules)
        return try_plan(self.session, catalog, plan, KEY, conninfo=self.url, places=places)


@pytest.fixture(scope="module")
def url(server: EmbeddedServer) -> str:
    url = server.ensure_database("trial_scratch")
    with connect(url) as writer:
        writer.script(SCHEMA)
    return url


@pytest.fixture
def source(url: str, tmp_path: Path) -> Iterator[Source]:
    with connect(url, read_only=True) as session:
        yield Source(url, session, tmp_path)


@pytest.fixture
def place(server: EmbeddedServer) -> Place:
    return partial(on_embedded, server, True)


def told(trial: Trial) -> dict[tuple[str, str | None, str | None], str]:
    return {(finding.code, finding.table, finding.column): finding.message for finding in trial.plan.errors}


def scratch_databases(server: EmbeddedServer) -> list[str]:
    with connect(server.ensure_running()) as session:
        rows = session.rows("SELECT datname FROM pg_database WHERE datname LIKE 'datamask\\_trial%'")
    return [name for (name,) in rows]


def test_what_a_load_takes_passes(source: Source, place: Place, server: EmbeddedServer) -> None:
    trial = source.tried(HARMLESS, place)
    assert told(trial) == {}
    assert trial.skipped == {}
    assert trial.unused == ()
    # What needs rights that the source's code does not get is tried in the source.
    assert trial.places == (
        TrialPlace("a scratch database of the embedded PostgreSQL 18", 6),
        TrialPlace("the source's read-only session", 1),
    )
    assert trial.rows == 40 + 20 + 14 + 10 + 11 + 5
    # One that is NOT VALID need not be met by what a load brings, and is tried all the same.
    # No original was there, or the constraint that is not valid in the source would have been broken.
    notes = {finding.message for finding in trial.plan.findings if finding.code == "DM136"}
    assert any(
        "the constraint hidden " in note and note.endswith("all 40 sampled rows met it") for note in notes
    )
    assert any(
        "the constraint powerless " in note and note.endswith("all 40 sampled rows met it") for note in notes
    )
    assert scratch_databases(server) == []


def test_each_demand_of_the_database_is_tried(source: Source, place: Place, server: EmbeddedServer) -> None:
    trial = source.tried(WRONG, place)
    found = told(trial)
    every = "of the sampled rows of s."
    assert found["DM171", "s.people", "code"] == (
        "40 of 40 (100%) of the masked values of s.people.code are no valid s.code"
    )
    assert found["DM176", "s.people", None].startswith(
        f"40 of 40 (100%) {every}people are refused once masked: "
    )
    assert found["DM172", "s.bookings", "guest"] == (
        f"19 of 20 (95%) {every}bookings conflict with another one under the exclusion constraint one_guest once "
        "guest is masked"
    )
    assert found["DM175", "s.bookings", None] == (
        f"20 of 20 (100%) {every}bookings cannot stand under the index numbers once masked"
    )
    assert scratch_databases(server) == []
    spoken = " ".join(f"{finding.message} {finding.hint}" for finding in trial.plan.findings)
    assert "orig" not in spoken + " ".join(trial.skipped.values())


def test_rows_that_pass_one_demand_meet_the_next(source: Source, place: Place) -> None:
    rules = HARMLESS.replace("{redact: {with: HIDDEN}}", "hash")
    found = told(source.tried(rules, place))
    assert list(found) == [("DM170", "s.people", "length")]
    assert found["DM170", "s.people", "length"] == (
        "40 of 40 (100%) of the sampled rows of s.people break the constraint people_length_check once length is masked"
    )
    # What cannot be computed is in no row that a constraint could be tried on.
    found = told(source.tried(f"{rules}  s.people.ref: hash\n", place))
    assert list(found) == [("DM176", "s.people", None)]
    assert found["DM176", "s.people", None] == (
        "40 of 40 (100%) of the sampled rows of s.people are refused once masked: "
        "invalid input syntax for type bigint: … (COPY people, line 1)"
    )


def test_a_constraint_that_is_not_valid_stops_nothing(source: Source, place: Place) -> None:
    rules = HARMLESS.replace("{email: {domain: masked.example}}", "{email: {domain: orig.example}}")
    trial = source.tried(rules, place)
    assert told(trial) == {}
    [warning] = [finding for finding in trial.plan.findings if finding.code == "DM170"]
    assert (warning.severity, warning.column) == ("warning", 'odd " name')
    assert warning.message == (
        '40 of 40 (100%) of the sampled rows of s.people break the constraint hidden once odd " name is masked; it is '
        "NOT VALID or NOT ENFORCED, so that a load takes them all the same"
    )


def test_a_folder_that_nobody_can_write_to(source: Source) -> None:
    def refused(_: int) -> AbstractContextManager[ScratchDatabase]:
        raise PermissionError(13, "Permission denied")

    trial = source.tried(HARMLESS, refused)
    assert trial.unused == ("no server can be made here: Permission denied",)


def test_a_unique_index_over_an_expression(source: Source, place: Place) -> None:
    rules = HARMLESS.replace("{email: {domain: masked.example}}", "avatar")
    found = told(source.tried(rules, place))
    assert found["DM173", "s.people", 'odd " name'] == (
        "39 of 40 (98%) of the sampled rows of s.people repeat another one under the unique key first_letters once "
        'odd " name is masked'
    )


def test_references_that_break(source: Source, place: Place) -> None:
    from dataclasses import replace

    catalog, plan = source.plan(HARMLESS)
    # No policy compiles to this: the two ends in domains of their own.
    tables = tuple(
        replace(
            table,
            columns=tuple(
                replace(column, mask=replace(column.mask, domain="another")) if column.mask else column
                for column in table.columns
            ),
        )
        if table.table == "s.children"
        else table
        for table in plan.tables
    )
    broken = replace(plan, tables=tables)
    trial = try_plan(source.session, catalog, broken, KEY, conninfo=source.url, places=[place])
    assert told(trial)["DM174", "s.children", "b"] == (
        "10 of 10 (100%) of the sampled rows of s.children whose referenced row was sampled too no longer find it by "
        "children_a_b_fkey once b is masked"
    )


def test_a_place_that_cannot_be_had(source: Source, server: EmbeddedServer) -> None:
    trial = source.tried(HARMLESS, lambda _: on_embedded(server, True, 19))
    assert trial.unused == ("the embedded PostgreSQL has version 18, older than the source's 19",)
    assert [place.name for place in trial.places] == ["the source's read-only session"]
    assert trial.skipped == {"s.people: people_length_check": "it names a column that PostgreSQL computes"}


def test_beside_a_target(
    source: Source, server: EmbeddedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAMASK_KEY", KEY_TEXT)
    monkeypatch.setenv("STAGING_URL", server.ensure_database("trial_target"))
    (tmp_path / "datamask.yaml").write_text(
        "version: 1\nenvironments:\n  production: {url: env:STAGING_URL, policy: policy.yaml}\n"
        "  staging: {url: env:STAGING_URL, tier: shared, policy: policy.yaml}\n"
        "  other: {url: env:STAGING_URL, tier: shared, policy: other.yaml}\n",
        encoding="utf-8",
    )
    with connect(server.ensure_running()) as session:
        # One that was killed left this behind in 1970, and one is at work.
        session.script("CREATE DATABASE datamask_trial_1_0")
        session.script("CREATE DATABASE datamask_trial_7fffffff_0")
    _, *others = scratch_places(open_project(tmp_path / "datamask.yaml"), tmp_path / "policy.yaml")
    trial = source.tried(WRONG, *others)
    assert len(others) == 1
    assert trial.places == (TrialPlace("a scratch database beside staging (PostgreSQL 18)", 7),)
    assert ("DM172", "s.bookings", "guest") in told(trial)
    assert scratch_databases(server) == ["datamask_trial_7fffffff_0"]
    with connect(server.ensure_running()) as session:
        session.script("DROP DATABASE datamask_trial_7fffffff_0")
