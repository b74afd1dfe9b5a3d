"""Requests and approvals: what they hold for, and everything that voids them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from datamask.approval.files import read_approval, read_request, write_approval, write_request
from datamask.approval.request import (
    Approval,
    Request,
    approve_request,
    check_approval,
    check_request,
    make_request,
)
from datamask.approval.signature import is_public_key, is_signed_by, new_signing_key, public_half, sign
from datamask.errors import RefusedError, UsageError

KEYS = {name: new_signing_key() for name in ("maria", "ben", "eve")}
PEOPLE = {name: KEYS[name][1] for name in ("maria", "ben")}


def made(valid: timedelta = timedelta(days=1)) -> Request:
    return make_request(
        "reveal",
        {"column": "public.cards.number", "mask": {"params": {}}},
        requester="maria",
        reason="a chargeback",
        valid=valid,
        private_key=KEYS["maria"][0],
    )


def yes(request: Request, approver: str = "ben", key: str = "ben") -> Approval:
    return approve_request(request, approver=approver, private_key=KEYS[key][0])


def test_keys_come_in_pairs():
    private, public = KEYS["maria"]
    assert public_half(private) == public
    assert is_public_key(public)
    assert not is_public_key(private)
    assert not is_public_key("ed25519:AAAA")
    assert is_signed_by({"a": 1}, sign({"a": 1}, private), public)
    assert not is_signed_by({"a": 2}, sign({"a": 1}, private), public)
    assert not is_signed_by({"a": 1}, "no signature", public)


def test_what_is_no_signing_key_is_not_repeated():
    with pytest.raises(UsageError) as caught:
        sign({}, "ed25519-private:secret")
    assert "secret" not in caught.value.message


def test_another_persons_yes_is_enough():
    request = made()
    check_approval(request, yes(request), PEOPLE)


def test_a_changed_request_is_not_its_requesters():
    request = made()
    other = replace(request, subject={"column": "public.cards.holder"})
    with pytest.raises(RefusedError, match="changed after it was signed"):
        check_request(other, PEOPLE)
    with pytest.raises(RefusedError, match="changed after it was signed"):
        check_approval(other, yes(request), PEOPLE)


def test_an_approval_is_of_one_request_alone():
    with pytest.raises(RefusedError, match="of another request"):
        check_approval(made(), yes(made()), PEOPLE)


def test_an_approval_ends_with_its_request():
    request = made()
    later = datetime.now(UTC) + timedelta(days=1, seconds=1)
    with pytest.raises(RefusedError, match="the request expired at"):
        check_approval(request, yes(request), PEOPLE, now=later)


def test_nobody_approves_what_they_asked_for():
    request = made()
    with pytest.raises(RefusedError, match="maria asked for it"):
        check_approval(request, yes(request, "maria", "maria"), PEOPLE)
    with pytest.raises(RefusedError, match="sock asked for it"):
        check_approval(request, yes(request, "sock", "maria"), {**PEOPLE, "sock": PEOPLE["maria"]})


def test_nobody_approves_in_anothers_name():
    request = made()
    with pytest.raises(RefusedError, match="not signed by ben"):
        check_approval(request, yes(request, "ben", "maria"), PEOPLE)


def test_a_stranger_approves_nothing():
    request = made()
    with pytest.raises(RefusedError, match="'eve' is not among the approvers"):
        check_approval(request, yes(request, "eve", "eve"), PEOPLE)


def test_files_hold_them_whole(tmp_path):
    request = made()
    write_request(tmp_path / "r.json", request)
    write_approval(tmp_path / "a.json", yes(request))
    assert read_request(tmp_path / "r.json") == request
    check_approval(read_request(tmp_path / "r.json"), read_approval(tmp_path / "a.json"), PEOPLE)
    with pytest.raises(UsageError, match="is there already"):
        write_request(tmp_path / "r.json", request)
    with pytest.raises(UsageError, match="is no approval"):
        read_approval(tmp_path / "r.json")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"request": {}, "signature": ""}', json.dumps({"request": 1, "signature": "x"})],
)
def test_what_is_no_request_is_told(tmp_path, text):
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(UsageError, match="is no request of datamask"):
        read_request(tmp_path / "r.json")
