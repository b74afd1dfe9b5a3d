from __future__ import annotations

import pytest

from datamask.db.conninfo import conninfo_parts, described, split_secrets, with_database
from datamask.errors import UsageError

URL = "postgresql://app:s3c%20ret@db.example:5433/shop?sslmode=require"


def test_a_url_is_taken_apart() -> None:
    assert conninfo_parts(URL) == {
        "user": "app",
        "password": "s3c ret",
        "host": "db.example",
        "port": "5433",
        "dbname": "shop",
        "sslmode": "require",
    }


def test_another_database_of_the_same_server() -> None:
    assert conninfo_parts(with_database(URL, "it's \\ odd")) == {
        **conninfo_parts(URL),
        "dbname": "it's \\ odd",
    }


def test_secrets_are_split_off_and_never_shown() -> None:
    public, secrets = split_secrets(URL)
    assert secrets == {"password": "s3c ret"}
    assert "s3c" not in public
    assert described(URL) == "app@db.example:5433/shop"
    assert described("") == "the local server"
    assert described("service=prod") == "service prod"


@pytest.mark.parametrize(
    "text", ["s3cret", "host=x s3cret", "postgresql://app:s3cret@[::1/x", "pasword=s3cret"]
)
def test_what_libpq_cannot_read_is_not_repeated(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        conninfo_parts(text)
    assert str(caught.value) == "the connection string is not valid"
