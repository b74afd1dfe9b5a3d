"""Addresses as URIs: libpq must read back what went in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from datamask.db.conninfo import build_conninfo, conninfo_parts
from datamask.load.addresses import database_url, shown_url

WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12)
HOSTS = st.sampled_from(["db.example.com", "10.0.0.1", "::1", "/var/run/postgresql", "a.example,b.example"])


@given(
    st.fixed_dictionaries(
        {"dbname": WORDS},
        optional={
            "user": WORDS,
            "password": WORDS,
            "host": HOSTS,
            "port": st.integers(1, 65535).map(str),
            "sslmode": st.sampled_from(["disable", "verify-full"]),
            "application_name": WORDS,
        },
    )
)
def test_libpq_reads_back_what_went_in(parts):
    assert conninfo_parts(database_url(build_conninfo(parts))) == parts


@given(WORDS, HOSTS)
def test_what_is_shown_has_no_password(user, host):
    parts = {"dbname": "shop", "user": user, "host": host}
    shown = shown_url(build_conninfo({**parts, "password": "secret-word-of-mine"}))
    assert conninfo_parts(shown) == parts


def test_what_asks_for_nothing_is_left_out():
    assert database_url("host=h dbname=d target_session_attrs=any") == "postgresql://h/d"
