"""What a connection string means, with service files, variables and several hosts, before anyone connects."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datamask.db.conninfo import (
    Address,
    build_conninfo,
    conninfo_parts,
    demands_tls,
    described,
    each_host,
    narrowed,
    resolved,
)
from datamask.db.services import service_parameters

FILE = """
# of the shop
[prod]
host=db1.example,db2.example
port=5432
dbname=shop
user=reader
password=s3cret
sslmode=verify-full
dbname=ignored

[prod2]
host=elsewhere

[prod]
host=never
"""


@pytest.fixture
def environ(tmp_path):
    file = tmp_path / "services"
    file.write_text(FILE)
    return {"PGSERVICEFILE": str(file)}


def test_a_service_is_found_by_name(environ):
    found = service_parameters("prod", environ=environ)
    assert found["host"] == "db1.example,db2.example"
    assert found["dbname"] == "shop"
    assert service_parameters("prod2", environ=environ) == {"host": "elsewhere"}
    assert service_parameters("pro", environ=environ) == {}


def test_the_systems_file_is_the_second_place(tmp_path, environ):
    (tmp_path / "pg_service.conf").write_text("[other]\nhost=there\n[prod]\nhost=wrong\n")
    environ["PGSYSCONFDIR"] = str(tmp_path)
    assert service_parameters("other", environ=environ) == {"host": "there"}
    assert service_parameters("prod", environ=environ)["dbname"] == "shop"


def test_an_address_says_more_than_a_service_and_a_service_more_than_a_variable(environ):
    environ |= {"PGHOST": "variable", "PGPORT": "1", "PGUSER": "nobody", "PGDATABASE": "x"}
    parts = conninfo_parts(resolved("service=prod user=writer", environ))
    assert parts["host"] == "db1.example,db2.example"
    assert (parts["port"], parts["dbname"], parts["user"]) == ("5432", "shop", "writer")
    # libpq still reads the rest, and all that is secret, from the file.
    assert parts["service"] == "prod"
    assert "password" not in parts
    assert conninfo_parts(resolved("dbname=y", environ))["host"] == "variable"
    assert conninfo_parts(resolved("", {**environ, "PGSERVICE": "prod2"}))["host"] == "elsewhere"


def test_a_url_names_a_service_too(environ):
    assert conninfo_parts(resolved("postgresql:///?service=prod", environ))["dbname"] == "shop"


def test_what_is_shown_has_no_password(environ):
    assert described(resolved("service=prod", environ)) == "reader@db1.example:5432,db2.example:5432/shop"
    assert described("postgresql://u:secret@a:1,b:2/d") == "u@a:1,b:2/d"
    assert described("host=a,b") == "a,b"


def test_files_are_named_from_the_root(environ):
    parts = conninfo_parts(resolved("host=x sslrootcert=ca.pem passfile=./pass", environ))
    assert parts["sslrootcert"] == str(Path.cwd() / "ca.pem")
    assert parts["passfile"] == str(Path.cwd() / "pass")
    assert conninfo_parts(resolved("", {"PGPASSFILE": "pass"}))["passfile"] == str(Path.cwd() / "pass")
    assert conninfo_parts(resolved("host=x sslrootcert=system", environ))["sslrootcert"] == "system"


def test_several_hosts_are_taken_apart():
    found = [
        conninfo_parts(one) for one in each_host("postgresql://u@a:1,b:2/d?target_session_attrs=primary")
    ]
    assert [(one["host"], one["port"], one["dbname"]) for one in found] == [("a", "1", "d"), ("b", "2", "d")]
    assert {one["target_session_attrs"] for one in found} == {"any"}
    assert [conninfo_parts(one)["port"] for one in each_host("host=a,b port=7")] == ["7", "7"]
    assert each_host("host=a") == ["host=a"]
    assert each_host("") == [""]
    # libpq refuses to connect to a list whose ports do not match it.
    assert each_host("host=a,b,c port=1,2") == []


def test_an_address_is_narrowed_to_one_server():
    whole = (
        "postgresql://u@a,b/d?target_session_attrs=prefer-standby&load_balance_hosts=random&sslmode=require"
    )
    assert conninfo_parts(narrowed(whole, Address("b", 5433, "d", "u", "10.0.0.2"))) == {
        "host": "b", "hostaddr": "10.0.0.2", "port": "5433", "dbname": "d", "user": "u", "sslmode": "require",
        "target_session_attrs": "any",
    }  # fmt: skip
    socket = conninfo_parts(narrowed("dbname=d", Address("/run/x", 5432, "d", "u")))
    assert (socket["host"], "hostaddr" in socket) == ("/run/x", False)


@pytest.mark.parametrize(
    ("conninfo", "demanded"),
    [("host=a", False), ("host=a sslmode=prefer", False), ("host=a sslmode=require", True),
     ("host=a sslmode=verify-full", True)],
)  # fmt: skip
def test_tls_is_demanded_by_the_address(conninfo, demanded, monkeypatch):
    monkeypatch.delenv("PGSSLMODE", raising=False)
    assert demands_tls(conninfo) is demanded
    monkeypatch.setenv("PGSSLMODE", "verify-ca")
    assert demands_tls("host=a") is True


words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)


@given(st.dictionaries(st.sampled_from(["host", "user", "dbname", "options", "password"]), words))
def test_resolving_twice_is_resolving_once(parts):
    once = resolved(build_conninfo(parts), {})
    assert resolved(once, {}) == once
    assert conninfo_parts(once) == parts
