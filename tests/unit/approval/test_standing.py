"""Where a request stands: thresholds, who counts, what voids it; and the files that say so."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from datamask.approval.files import replace_file, write_approval, write_new, write_request, write_revocation
from datamask.approval.folder import (
    approval_path,
    find_request,
    read_case,
    read_cases,
    request_path,
    revocation_path,
)
from datamask.approval.request import Request, Revocation, approve_request, make_request, revoke_request
from datamask.approval.rule import Rule
from datamask.approval.signature import new_signing_key
from datamask.approval.standing import Standing, standing
from datamask.errors import UsageError

KEYS = {name: new_signing_key() for name in ("maria", "ben", "eve", "ann")}
PEOPLE = {name: KEYS[name][1] for name in ("maria", "ben", "ann")}
SUBJECT = {"environment": "perf", "digest": "d1"}


def asked(subject: dict[str, object] | None = None) -> Request:
    return make_request(
        "promote",
        subject or dict(SUBJECT),
        requester="maria",
        reason="r",
        valid=timedelta(days=1),
        private_key=KEYS["maria"][0],
    )


ONE = Rule()


def judged(request: Request, *names: str, rule: Rule = ONE, **given: object) -> Standing:
    approvals = [approve_request(request, approver=name, private_key=KEYS[name][0]) for name in names]
    people: dict[str, str] = given.pop("people", PEOPLE)  # type: ignore[assignment]
    revocations: list[Revocation] = given.pop("revocations", [])  # type: ignore[assignment]
    return standing(request, approvals, revocations, people, rule, **given)  # type: ignore[arg-type]


def test_as_many_as_it_takes():
    request = asked()
    assert not judged(request).enough
    assert judged(request, "ben").enough
    two = judged(request, "ben", "ann", rule=Rule(count=2))
    assert (two.approvers, two.enough, two.rejected) == (("ben", "ann"), True, ())
    assert not judged(request, "ben", "ben", rule=Rule(count=2)).enough


def test_one_person_under_two_names_is_one():
    people = {**PEOPLE, "benjamin": PEOPLE["ben"]}
    request = asked()
    both = [
        approve_request(request, approver=name, private_key=KEYS["ben"][0]) for name in ("ben", "benjamin")
    ]
    found = standing(request, both, [], people, Rule(count=2))
    assert (found.approvers, found.enough) == (("ben",), False)


def test_who_asks_does_not_count_unless_it_may():
    request = asked()
    alone = judged(request, "maria")
    assert not alone.enough
    assert alone.rejected[0].why == "maria asked for it, and cannot approve it too"
    assert judged(request, "maria", rule=Rule(not_requester=False)).enough


def test_only_the_named_count():
    found = judged(asked(), "ann", rule=Rule(people=("ben",)))
    assert (found.enough, found.rejected[0].why) == (False, "only ben may approve it")
    stranger = judged(asked(), "eve")
    assert "'eve' is not among the approvers" in stranger.rejected[0].why


def test_what_voids_it():
    request = asked()
    gone = {name: key for name, key in PEOPLE.items() if name != "ben"}
    assert not judged(request, "ben", people=gone).enough
    replaced = {**PEOPLE, "ben": KEYS["eve"][1]}
    assert not judged(request, "ben", people=replaced).enough
    revocation = revoke_request(request, revoker="ann", reason="off", private_key=KEYS["ann"][0])
    assert judged(request, "ben", revocations=[revocation]).void == "ann revoked it: off"
    forged = revoke_request(request, revoker="ann", reason="off", private_key=KEYS["eve"][0])
    found = judged(request, "ben", revocations=[forged])
    assert not found.enough
    assert str(found.void).startswith(
        "a revocation of it is not in order: the revocation is not signed by ann"
    )
    logged = judged(request, "ben", revoked={request.id})
    assert (logged.enough, logged.void) == (False, "it was revoked, says the audit log")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "approvals"


def filed(folder: Path, request: Request, *names: str) -> Path:
    path = request_path(folder, "perf", request)
    write_request(path, request)
    for name in names:
        approval = approve_request(request, approver=name, private_key=KEYS[name][0])
        write_approval(approval_path(path, name), approval)
    return path


def test_a_folder_has_each_request_with_what_was_said_of_it(folder):
    assert read_cases(folder) == ([], [])
    one, two = asked(), asked({"environment": "perf", "digest": "d2"})
    first = filed(folder, one, "ben", "ann")
    second = filed(folder, two)
    write_revocation(
        revocation_path(second, "ben"),
        revoke_request(two, revoker="ben", reason="off", private_key=KEYS["ben"][0]),
    )
    cases, unreadable = read_cases(folder)
    assert unreadable == []
    assert {case.request.id: (len(case.approvals), len(case.revocations)) for case in cases} == {
        one.id: (2, 0),
        two.id: (0, 1),
    }
    assert find_request(folder, one.id[:6]) == first
    assert find_request(folder, str(first)) == first
    with pytest.raises(UsageError, match="is the beginning of 2 requests"):
        find_request(folder, "promote-perf")
    with pytest.raises(UsageError, match="there is no request 'nothing'"):
        find_request(folder, "nothing")


def test_a_damaged_approval_does_not_count_and_a_damaged_revocation_ends_it(folder):
    request = asked()
    path = filed(folder, request, "ben")
    approval_path(path, "ann").write_text("{")
    case = read_case(path)
    assert (len(case.approvals), len(case.unreadable)) == (1, 1)
    revocation_path(path, "ann").write_text("{")
    cases, unreadable = read_cases(folder)
    assert cases == []
    assert unreadable[0].approver == path.name


def test_files_are_whole_or_not_there(tmp_path):
    path = tmp_path / "f"
    write_new(path, "one")
    with pytest.raises(FileExistsError):
        write_new(path, "two")
    assert path.read_text() == "one"
    replace_file(path, "two")
    assert path.read_text() == "two"
    assert [entry.name for entry in tmp_path.iterdir()] == ["f"]


def test_two_who_write_one_file_at_once_write_it_once(tmp_path):
    script = (
        "import sys; from pathlib import Path; from datamask.approval.files import write_new\n"
        "try: write_new(Path(sys.argv[1]), sys.argv[2] * 100_000)\n"
        "except FileExistsError: sys.exit(3)\n"
    )
    path = tmp_path / "f"
    running = [subprocess.Popen([sys.executable, "-c", script, path, str(number)]) for number in range(3)]
    assert sorted(process.wait() for process in running) == [0, 3, 3]
    assert len(set(path.read_text())) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["f"]
