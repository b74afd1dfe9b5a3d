"""What the catalog knows of partial keys, NULLs, MATCH FULL and triggers."""

from __future__ import annotations

from collections.abc import Callable

from datamask.catalog.introspect import introspect
from datamask.db.session import connect

SCHEMA = """
create table parents (a int not null, b int not null, primary key (a, b));
create table children (
    id int primary key, a int, b int, c int, d int, email text, slug text,
    foreign key (a, b) references parents match full, foreign key (c, d) references parents
);
create unique index live on children (email) where slug is null and email <> '';
create unique index strict on children (c) nulls not distinct;
create function make_slug() returns trigger language plpgsql as
$$ begin new.slug := lower(new.email); return new; end $$;
create function note() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger first_one before insert on children for each row execute function make_slug();
create trigger second_one before update on children for each row execute function make_slug();
create trigger whole after truncate on children for each statement execute function note();
"""


def test_keys_and_triggers(database: Callable[[], str]) -> None:
    url = database()
    with connect(url) as session:
        session.script(f"set search_path = public; {SCHEMA}")
    with connect(url, read_only=True) as session:
        children = introspect(session).by_key["public.children"]
    keys = {key.name: (key.predicate, key.nulls_distinct) for key in children.unique_keys}
    assert keys == {
        "children_pkey": (None, True),
        "live": ("((slug IS NULL) AND (email <> ''::text))", True),
        "strict": (None, False),
    }
    assert {key.columns: key.match_full for key in children.foreign_keys} == {
        ("a", "b"): True,
        ("c", "d"): False,
    }
    assert children.triggers == ("first_one", "second_one", "whole")
    assert children.trigger_bodies == (" begin new.slug := lower(new.email); return new; end ",)
