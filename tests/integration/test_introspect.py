from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from datamask.catalog.graph import references, table_order
from datamask.catalog.introspect import introspect
from datamask.catalog.model import Catalog, Check, ForeignKey, Table, UniqueKey
from datamask.db.embedded import EmbeddedServer
from datamask.db.session import connect
from datamask.errors import DatabaseError

SCHEMA = """
CREATE SCHEMA app;
CREATE SCHEMA "Odd.Schema";
CREATE DOMAIN app.email AS varchar(40) CHECK (VALUE ~ '@');
CREATE DOMAIN app.work_email AS app.email NOT NULL CONSTRAINT at_work CHECK (VALUE ~ 'work');
CREATE TYPE app.mood AS ENUM ('sad', 'glad');
CREATE TYPE app.pair AS (a int, b text);
CREATE TABLE app.customers (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email app.work_email,
    "Full Name" text NOT NULL DEFAULT 'x',
    mood app.mood,
    tags varchar(10)[],
    pair app.pair,
    during int4range,
    price numeric(8, 2),
    initial char(1),
    lower_name text GENERATED ALWAYS AS (lower("Full Name")) STORED,
    boss int REFERENCES app.customers DEFERRABLE,
    gone int,
    CONSTRAINT adult CHECK (price > 0 AND id > 0),
    CONSTRAINT one_name UNIQUE ("Full Name"),
    EXCLUDE USING gist (during WITH &&)
);
ALTER TABLE app.customers DROP COLUMN gone;
CREATE UNIQUE INDEX by_mail ON app.customers (lower(email), boss) INCLUDE (initial) WHERE mood = 'glad';
COMMENT ON TABLE app.customers IS 'who buys';
COMMENT ON COLUMN app.customers.email IS 'where to write';
CREATE TABLE "Odd.Schema"."T""able" ("Id" serial PRIMARY KEY, customer int REFERENCES app.customers);
ALTER TABLE "Odd.Schema"."T""able" ENABLE ROW LEVEL SECURITY;
CREATE TABLE app.payments (
    id int, at date, customer int, PRIMARY KEY (id, at), FOREIGN KEY (customer) REFERENCES app.customers
) PARTITION BY RANGE (at);
CREATE TABLE app.payments_2024 PARTITION OF app.payments FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')
    PARTITION BY RANGE (at);
CREATE TABLE app.payments_2024_1 PARTITION OF app.payments_2024 DEFAULT;
CREATE TABLE app.refunds (payment int, at date, FOREIGN KEY (payment, at) REFERENCES app.payments);
ALTER TABLE app.payments_2024_1 ADD CONSTRAINT own FOREIGN KEY (id) REFERENCES app.customers;
CREATE TABLE app.people (name text);
CREATE TABLE app.staff (badge int) INHERITS (app.people);
CREATE UNLOGGED TABLE app.scratch ();
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
CREATE TRIGGER touched BEFORE INSERT ON app.people FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE VIEW app.named AS SELECT "Full Name" AS name FROM app.customers;
CREATE MATERIALIZED VIEW app.names AS SELECT name FROM app.named UNION SELECT name FROM app.people;
CREATE MATERIALIZED VIEW app.counted AS SELECT count(*) FROM app.names WITH NO DATA;
CREATE SEQUENCE app.fresh START 7;
CREATE SEQUENCE app.used;
SELECT nextval('app.used'), nextval('app.used');
SELECT lo_create(0);
CREATE TEMPORARY TABLE passing (a int);
INSERT INTO app.people SELECT repeat('x', 100) FROM generate_series(1, 1000);
INSERT INTO app.people SELECT string_agg(md5(i::text), '') FROM generate_series(1, 1000) i;
ANALYZE app.people;
"""


@pytest.fixture(params=[18, 16])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database on the newest and on the oldest installed version."""
    server: EmbeddedServer = request.getfixturevalue("server" if request.param == 18 else "server16")
    name = f"introspect_{time.monotonic_ns()}"
    return server.ensure_database(name)


@pytest.fixture
def catalog(url: str) -> Catalog:
    with connect(url) as session:
        session.script(SCHEMA)
    with connect(url, read_only=True) as session:
        return introspect(session)


def table(catalog: Catalog, key: str) -> Table:
    found = catalog.table(key)
    assert found is not None
    return found


def test_the_database(catalog: Catalog) -> None:
    assert catalog.encoding == "UTF8"
    assert catalog.server_version // 10000 in {16, 18}
    assert catalog.database.startswith("introspect_")
    assert catalog.database_oid > 16383
    assert catalog.system_identifier is not None
    assert catalog.system_identifier.isdigit()
    assert (catalog.in_recovery, catalog.large_objects) == (False, 1)
    assert catalog.settings["block_size"] == "8192"
    assert [extension.name for extension in catalog.extensions] == ["plpgsql"]


def test_only_the_users_own_permanent_tables(catalog: Catalog) -> None:
    assert [found.key for found in catalog.tables] == [
        '"Odd.Schema"."T""able"',
        "app.customers",
        "app.payments",
        "app.payments_2024",
        "app.payments_2024_1",
        "app.people",
        "app.refunds",
        "app.scratch",
        "app.staff",
    ]


def test_columns(catalog: Catalog) -> None:
    customers = table(catalog, "app.customers")
    columns = {column.name: column for column in customers.columns}
    assert [column.position for column in customers.columns] == list(range(1, 12))
    assert (columns["id"].identity, columns["id"].not_null) == ("always", True)
    email = columns["email"]
    assert (email.type.name, email.type.domain, email.type.base) == (
        "app.work_email",
        "app.work_email",
        "varchar",
    )
    assert (email.type.max_length, email.not_null, email.comment) == (40, True, "where to write")
    assert (columns["Full Name"].default, columns["Full Name"].not_null) == ("'x'::text", True)
    assert (columns["mood"].type.kind, columns["mood"].type.labels) == ("enum", ("sad", "glad"))
    tags = columns["tags"].type
    assert (tags.name, tags.kind, tags.element, tags.max_length) == (
        "character varying(10)[]",
        "array",
        "text",
        10,
    )
    assert (columns["pair"].type.kind, columns["during"].type.kind) == ("composite", "range")
    assert (columns["price"].type.precision, columns["price"].type.scale) == (8, 2)
    assert (columns["initial"].type.base, columns["initial"].type.max_length) == ("bpchar", 1)
    assert columns["lower_name"].generated == "stored"
    assert columns["lower_name"].default == 'lower("Full Name")'
    assert customers.comment == "who buys"


def test_keys_and_checks(catalog: Catalog) -> None:
    customers = table(catalog, "app.customers")
    assert customers.primary_key == UniqueKey("customers_pkey", ("id",), "primary")
    assert set(customers.unique_keys) == {
        UniqueKey("customers_pkey", ("id",), "primary"),
        UniqueKey("one_name", ("Full Name",), "unique"),
        UniqueKey("customers_during_excl", ("during",), "exclusion"),
        UniqueKey(
            "by_mail", ("boss",), "index", ("email",), partial=True, predicate="(mood = 'glad'::app.mood)"
        ),
    }
    assert customers.foreign_keys == (
        ForeignKey("customers_boss_fkey", ("boss",), "app.customers", ("id",), deferrable=True),
    )
    assert [(check.name, check.columns) for check in customers.checks] == [
        ("adult", ("price", "id")),
        ("at_work", ("email",)),
        ("email_check", ("email",)),
    ]
    assert customers.checks[1] == Check("at_work", ("email",), "CHECK (((VALUE)::text ~ 'work'::text))")


def test_partitions_and_their_foreign_keys(catalog: Catalog) -> None:
    root = table(catalog, "app.payments")
    middle, leaf = table(catalog, "app.payments_2024"), table(catalog, "app.payments_2024_1")
    assert (root.kind, root.parent, root.root, root.has_rows) == ("partitioned", None, None, False)
    assert (middle.kind, middle.parent, middle.root) == ("partitioned", "app.payments", "app.payments")
    assert (leaf.kind, leaf.parent, leaf.root) == ("table", "app.payments_2024", "app.payments")
    assert leaf.has_rows
    assert leaf.inherits == ()
    assert [key.name for key in root.foreign_keys] == ["payments_customer_fkey"]
    assert middle.foreign_keys == ()
    assert [key.name for key in leaf.foreign_keys] == ["own"]
    assert [key.referenced_table for key in table(catalog, "app.refunds").foreign_keys] == ["app.payments"]
    assert leaf.primary_key is not None
    assert leaf.primary_key.columns == ("id", "at")


def test_other_properties_of_tables(catalog: Catalog) -> None:
    people, staff = table(catalog, "app.people"), table(catalog, "app.staff")
    assert staff.inherits == ("app.people",)
    assert (people.triggers, people.inherits) == (("touched",), ())
    assert people.rows_estimate == 1001
    assert 10 < people.pages < 100
    # The one large value lives outside of the heap.
    assert people.bytes > people.pages * 8192
    assert table(catalog, "app.scratch").unlogged
    assert table(catalog, "app.scratch").columns == ()
    odd = table(catalog, '"Odd.Schema"."T""able"')
    assert (odd.row_security, people.row_security) == (True, False)
    assert all(found.readable for found in catalog.tables)


def test_sequences(catalog: Catalog) -> None:
    found = {sequence.key: sequence for sequence in catalog.sequences}
    assert (found["app.fresh"].last_value, found["app.fresh"].is_called) == (7, False)
    assert (found["app.used"].last_value, found["app.used"].is_called) == (2, True)
    assert found["app.customers_id_seq"].owned_by == "app.customers.id"
    assert found['"Odd.Schema"."T""able_Id_seq"'].owned_by == '"Odd.Schema"."T""able".Id'


def test_materialized_views_name_what_they_read(catalog: Catalog) -> None:
    counted, names = catalog.materialized_views
    assert (counted.key, counted.populated, counted.depends_on) == ("app.counted", False, ("app.names",))
    assert (names.key, names.populated) == ("app.names", True)
    assert names.depends_on == ("app.customers", "app.people")


def test_virtual_columns(server: EmbeddedServer) -> None:
    with connect(server.ensure_database("introspect_virtual")) as session:
        session.script("CREATE TABLE public.t (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL)")
        virtual = table(introspect(session), "public.t").columns[1]
    assert (virtual.generated, virtual.default) == ("virtual", "(a * 2)")


def test_what_a_role_may_read(url: str) -> None:
    role = f"limited_{time.monotonic_ns()}"
    with connect(url) as session:
        session.script(
            f"""CREATE ROLE {role} LOGIN;
            CREATE SCHEMA shut; CREATE TABLE shut.t (a int);
            CREATE TABLE public.none (a int); CREATE TABLE public.whole (a int);
            CREATE TABLE public.columns (a int, b int); CREATE TABLE public.every (a int, b int);
            CREATE SEQUENCE public.hidden; CREATE SEQUENCE public.shown;
            GRANT SELECT ON public.whole, public.shown, shut.t TO {role};
            GRANT SELECT (a) ON public.columns TO {role};
            GRANT SELECT (a, b) ON public.every TO {role};
            REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC"""
        )
    with connect(f"{url} user={role}", read_only=True) as session:
        session.begin_snapshot()
        catalog = introspect(session)
        assert session.in_transaction
    assert {found.name: found.readable for found in catalog.tables} == {
        "none": False,
        "whole": True,
        "columns": False,
        "every": False,
        "t": False,
    }
    assert {found.name: found.last_value for found in catalog.sequences} == {"hidden": None, "shown": 1}
    assert catalog.system_identifier is None


def test_extensions_own_tables(database: Callable[[], str], server: EmbeddedServer) -> None:
    with connect(database()) as session:
        session.script(
            """CREATE TABLE public.conf (a int);
            CREATE TABLE public.code (a int);
            CREATE TABLE public.free (a int);
            UPDATE pg_extension
               SET extconfig = ARRAY['public.conf'::regclass::oid], extcondition = ARRAY['WHERE a > 1']
             WHERE extname = 'plpgsql';
            ALTER EXTENSION plpgsql ADD TABLE public.conf; ALTER EXTENSION plpgsql ADD TABLE public.code;"""
        )
        catalog = introspect(session)
    conf, code, free = (table(catalog, f"public.{name}") for name in ("conf", "code", "free"))
    assert (conf.extension, conf.extension_condition, conf.has_rows) == ("plpgsql", "WHERE a > 1", True)
    assert (code.extension, code.extension_condition, code.has_rows) == ("plpgsql", None, False)
    assert (free.extension, free.has_rows) == (None, True)


def test_a_locked_table_ends_in_a_clear_error(database: Callable[[], str]) -> None:
    url = database()
    with connect(url) as holder, connect(url, read_only=True, lock_timeout=0.1) as session:
        holder.script("CREATE TABLE public.t (a int)")
        holder.script("BEGIN; LOCK public.t")
        with pytest.raises(DatabaseError, match="lock timeout") as caught:
            introspect(session)
        assert caught.value.sqlstate == "55P03"
        holder.rollback()
        assert not session.in_transaction
        assert introspect(session).table("public.t") is not None


def test_a_thousand_tables_take_well_under_a_second(database: Callable[[], str]) -> None:
    with connect(database()) as session:
        session.script(
            """DO $$ BEGIN FOR i IN 1..1000 LOOP
              EXECUTE format('CREATE TABLE public.t%s (id serial PRIMARY KEY, email varchar(40) UNIQUE,
                name text, price numeric(8,2) CHECK (price > 0), at timestamptz DEFAULT now(), up int%s)',
                i, CASE WHEN i > 1 THEN format(' REFERENCES public.t%s', i - 1) END);
              IF i % 100 = 0 THEN COMMIT; END IF;
            END LOOP; END $$"""
        )
        started = time.perf_counter()
        catalog = introspect(session)
        seconds = time.perf_counter() - started
        same = introspect(session)
    assert len(catalog.tables) == 1000
    assert len(catalog.sequences) == 1000
    order = table_order(references(catalog))
    assert order.tables == tuple(f"public.t{number}" for number in range(1, 1001))
    assert replace(same) == catalog
    # 0.4 s on two cores; the bound leaves room for a busy machine and still catches a query for each table.
    assert seconds < 3


def test_partition_keys_name_their_columns_those_in_expressions_included(database: Callable[[], str]) -> None:
    conninfo = database()
    with connect(conninfo) as session:
        session.script(
            "create table public.by_range (a int, b text, c date) partition by range (c, lower(b));"
            "create table public.by_hash (x int, y int) partition by hash (x);"
            "create table public.plain (x int)"
        )
    with connect(conninfo, read_only=True) as session:
        keys = {table.key: table.partition_key for table in introspect(session).tables}
    assert keys == {"public.by_range": ("b", "c"), "public.by_hash": ("x",), "public.plain": ()}
