from __future__ import annotations

from datamask.db.settings import session_settings


def test_a_source_is_read_only_and_does_not_wait_long() -> None:
    statement = session_settings(180004, read_only=True, lock_timeout=2.5)
    assert "SET default_transaction_read_only = 'on'" in statement
    assert "SET row_security = 'off'" in statement
    assert "SET lock_timeout = '2500'" in statement
    assert "SET transaction_timeout = '0'" in statement


def test_older_servers_get_only_what_they_know() -> None:
    statement = session_settings(160000, read_only=False, lock_timeout=None)
    assert "transaction_timeout" not in statement.replace("idle_in_transaction_session_timeout", "")
    assert "read_only" not in statement
    assert "SET lock_timeout = '0'" in statement
