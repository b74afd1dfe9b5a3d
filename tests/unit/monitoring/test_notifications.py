"""Messages about runs, sent to servers on loopback."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.listeners import mail_server, web_server

from datamask.config.notify import Channel, Kind
from datamask.config.secrets import SecretRef
from datamask.errors import DatamaskError
from datamask.monitoring.notifications import about_run, is_for, occasions, send
from datamask.registry.model import Run, RunStep

BEGAN = datetime(2026, 5, 1, 2, 15, tzinfo=UTC)
RUN = Run(
    "20260501-021500-abcdef", "shop", "nightly", "failed", BEGAN, "db1", "datamask", 1, BEGAN, 90.0, 4, "it broke",
    steps=(RunStep(1, "snapshot production", "failed", seconds=1.0, problem="it broke"), RunStep(2, "verify")),
)  # fmt: skip
FAILURE = about_run(RUN, "failure")


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def make(kind: Kind, address: str) -> Channel:
        monkeypatch.setenv("NOTIFY_ADDRESS", address)
        return Channel(
            "team",
            kind,
            SecretRef("env", "NOTIFY_ADDRESS", tmp_path),
            sender="datamask@example.com",
            recipients=("a@example.com", "b@example.com"),
        )

    return make


def test_a_webhook_gets_the_run(channel) -> None:
    with web_server() as server:
        send(channel("webhook", f"http://127.0.0.1:{server.port}/hook?token=s3cret"), FAILURE, subject="x")
    [(path, body)] = server.requests
    said = json.loads(body)
    assert path == "/hook?token=s3cret"
    assert (said["event"], said["job"], said["state"], said["exit_code"]) == (
        "failure",
        "nightly",
        "failed",
        4,
    )
    assert said["steps"][0] == {"number": 1, "step": "snapshot production", "state": "failed", "seconds": 1.0}


def test_slack_gets_a_text(channel) -> None:
    with web_server() as server:
        send(channel("slack", f"http://127.0.0.1:{server.port}/services/T/B/x"), FAILURE, subject="x")
    [(_, body)] = server.requests
    assert json.loads(body) == {
        "text": "datamask: job nightly of shop failed on db1 (run 20260501-021500-abcdef)\n"
        "step 1, snapshot production: failed\nit broke"
    }


def test_mail_goes_to_everybody(channel) -> None:
    with mail_server() as server:
        send(channel("email", f"smtp://127.0.0.1:{server.port}"), FAILURE, subject="[datamask] nightly")
    [(recipients, text)] = server.mails
    assert recipients == ["a@example.com", "b@example.com"]
    assert "Subject: [datamask] nightly\r\n" in text
    assert "From: datamask@example.com\r\n" in text
    assert "step 1, snapshot production: failed" in text


@pytest.mark.parametrize("status", [404, 500, 302])
def test_a_server_that_does_not_take_it_is_an_error_without_its_address(channel, status: int) -> None:
    with web_server() as elsewhere:
        location = {"Location": f"http://127.0.0.1:{elsewhere.port}/"}
        with web_server(status, location) as server:
            address = f"http://127.0.0.1:{server.port}/hook?token=s3cret"
            with pytest.raises(DatamaskError) as caught:
                send(channel("webhook", address), FAILURE, subject="x")
    assert caught.value.message == f"notify.team: the server answered with status {status}"
    # Not even where the server says to go instead.
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    ("kind", "address", "reason"),
    [
        ("webhook", "ftp://u:s3cret@127.0.0.1/", "the address is no http or https one"),
        ("webhook", "http://127.0.0.1:1/s3cret", "Connection refused"),
        ("webhook", "http://127.0.0.1:s3cret/", "InvalidURL"),
        ("email", "mail.example.com:s3cret", "the address is no smtp:// or smtps:// one"),
        ("email", "smtp://127.0.0.1:1", "Connection refused"),
        ("email", "smtp://u:s3cret@127.0.0.1:s3cret", "ValueError"),
    ],
)
def test_what_cannot_be_sent_is_an_error_without_its_secrets(
    channel, kind: Kind, address: str, reason: str
) -> None:
    with pytest.raises(DatamaskError) as caught:
        send(channel(kind, address), FAILURE, subject="x")
    assert caught.value.message == f"notify.team: the message was not sent: {reason}"


def test_a_recipient_that_is_refused_is_an_error(channel) -> None:
    with mail_server(refuses=True) as server, pytest.raises(DatamaskError, match="SMTPRecipientsRefused"):
        send(channel("email", f"smtp://127.0.0.1:{server.port}"), FAILURE, subject="x")
    assert server.mails == []


def test_a_password_never_goes_in_clear_text_to_another_machine(
    channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datamask.monitoring.notifications._LOOPBACK", ())
    with mail_server(offers=("AUTH PLAIN",)) as server, pytest.raises(DatamaskError, match="in clear text"):
        send(channel("email", f"smtp://u:s3cret@127.0.0.1:{server.port}"), FAILURE, subject="x")
    assert server.mails == []


def test_no_channel_tells_an_address_that_it_was_not_given(channel) -> None:
    nobody = replace(channel("webhook", ""), secret=SecretRef("env", "NOBODY_SET_THIS", Path()))
    with pytest.raises(DatamaskError, match="NOBODY_SET_THIS is not set"):
        send(nobody, FAILURE, subject="x")


@pytest.mark.parametrize(
    ("state", "previous", "found"),
    [
        ("failed", "succeeded", {"failure"}),
        ("failed", "failed", {"failure"}),
        ("interrupted", None, {"failure"}),
        ("crashed", "succeeded", {"failure"}),
        ("succeeded", "crashed", {"success", "recovery"}),
        ("succeeded", "succeeded", {"success"}),
        ("succeeded", None, {"success"}),
    ],
)
def test_occasions(state: str, previous: str | None, found: set[str]) -> None:
    assert occasions(state, previous) == found


def test_who_hears_of_what(channel) -> None:
    team = channel("slack", "x")
    assert is_for(team, "nightly", frozenset(("failure",)))
    assert is_for(team, "nightly", frozenset(("success", "recovery")))
    assert not is_for(team, "nightly", frozenset(("success",)))
    assert not is_for(replace(team, jobs=("weekly",)), "nightly", frozenset(("failure",)))
