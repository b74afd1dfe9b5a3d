"""Accepted findings: warnings that somebody has looked at and lives with, for a reason and until a date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from datamask.config.document import Mark, Node, load_document
from datamask.errors import PolicyError
from datamask.policy.codes import CODES, Findings
from datamask.policy.plan import Finding
from datamask.suggest import did_you_mean

FILE_NAME = "accepted.yaml"
"""Its name where the configuration names none: it stands beside the policy."""

_KEYS = ("code", "policy", "table", "column", "reason", "expires")


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One entry of the file.

    :param policy: a pattern for the names of policies, ``*`` for any text.
    :param table: a pattern for the table's key.
    :param column: a pattern for the column; ``*`` covers findings about the whole table too.
    :param expires: the last day on which it counts.
    """

    code: str
    policy: str
    table: str
    column: str
    reason: str
    expires: date
    mark: Mark

    def covers(self, policy: str, finding: Finding) -> bool:
        """True where the finding is one that the entry speaks of, whatever its severity and the date."""
        return (
            finding.code == self.code
            and fnmatchcase(policy, self.policy)
            and fnmatchcase(finding.table or "", self.table)
            and fnmatchcase(finding.column or "", self.column)
        )


@dataclass(frozen=True, slots=True)
class Accepted:
    """A warning and the entry that accepts it."""

    finding: Finding
    acceptance: Acceptance


@dataclass(frozen=True, slots=True)
class Verdict:
    """A policy's findings after what was accepted.

    :param open: what still counts, findings about the file itself among them.
    """

    open: tuple[Finding, ...]
    accepted: tuple[Accepted, ...]


def read_accepted(path: Path) -> tuple[Acceptance, ...]:
    """Read a file of accepted findings.

    :raises PolicyError: naming file and line, for anything that is none.
    """
    return parse_accepted(load_document(path, kind=PolicyError))


def parse_accepted(document: Node) -> tuple[Acceptance, ...]:
    """As ``read_accepted``, for a document at hand."""
    top = document.mapping("a file of accepted findings", ("version", "accepted"))
    if "version" not in top:
        raise document.error("a file of accepted findings begins with `version: 1`")
    top["version"].integer("version", minimum=1, maximum=1)
    if "accepted" not in top or top["accepted"].value is None:
        return ()
    return tuple(_acceptance(node) for node in top["accepted"].sequence("accepted"))


def _acceptance(node: Node) -> Acceptance:
    entry = node.mapping("an accepted finding", _KEYS)
    for key in ("code", "reason", "expires"):
        if key not in entry:
            raise node.error(
                f"an accepted finding has no {key}",
                "write code, table, column, reason and expires: nothing is accepted silently or for ever",
            )
    code = entry["code"].text("code")
    if code not in CODES:
        raise entry["code"].error(f"there is no finding {code!r}", did_you_mean(code, CODES))
    written = entry["expires"].text("expires")
    try:
        expires = date.fromisoformat(written)
    except ValueError:
        raise entry["expires"].error("expires must be a date such as 2027-03-31") from None
    return Acceptance(
        code,
        _pattern(entry, "policy"),
        _pattern(entry, "table"),
        _pattern(entry, "column"),
        entry["reason"].text("reason"),
        expires,
        node.mark,
    )


def _pattern(entry: dict[str, Node], key: str) -> str:
    return entry[key].text(key) if key in entry else "*"


def judge(
    findings: Sequence[tuple[str, Sequence[Finding]]], acceptances: Iterable[Acceptance], today: date
) -> list[Verdict]:
    """Take out of each policy's findings what is accepted.

    Warnings alone can be accepted: an error stops a snapshot whatever the file says. An entry that has
    expired, that would accept an error, or that covers nothing becomes a finding of the last policy that it
    is for, so that the file stays true.

    :param findings: each policy's name and findings, of all that the file is for.
    :param today: entries count up to and including their last day.
    """
    entries = tuple(acceptances)
    accepted: list[list[Accepted]] = [[] for _ in findings]
    extra = [Findings() for _ in findings]
    for entry in entries:
        place = _last(findings, entry)
        if place is None:
            continue
        if entry.expires < today:
            _say_expired(entry, extra[place])
            continue
        covered = [
            (number, finding)
            for number, (policy, found) in enumerate(findings)
            for finding in found
            if entry.covers(policy, finding)
        ]
        warnings = [(number, finding) for number, finding in covered if finding.severity == "warning"]
        for number, finding in warnings:
            if all(finding != other.finding for other in accepted[number]):
                accepted[number].append(Accepted(finding, entry))
        if any(finding.severity == "error" for _, finding in covered):
            _say_error(entry, extra[place])
        elif not warnings:
            _say_unused(entry, extra[place])
    return [
        _verdict(found, taken, more)
        for (_, found), taken, more in zip(findings, accepted, extra, strict=True)
    ]


def _verdict(found: Sequence[Finding], taken: list[Accepted], extra: Findings) -> Verdict:
    gone = {item.finding for item in taken}
    open_ones = [finding for finding in found if finding not in gone]
    errors = [finding for finding in open_ones if finding.severity == "error"]
    others = [finding for finding in open_ones if finding.severity != "error"]
    return Verdict((*errors, *extra.sorted(), *others), tuple(taken))


def _last(findings: Sequence[tuple[str, Sequence[Finding]]], entry: Acceptance) -> int | None:
    numbers = [number for number, (policy, _) in enumerate(findings) if fnmatchcase(policy, entry.policy)]
    return numbers[-1] if numbers else None


def _about(entry: Acceptance) -> str:
    return f"{entry.mark}: {entry.code} of {entry.table}.{entry.column}"


def _say_expired(entry: Acceptance, findings: Findings) -> None:
    findings.add(
        "DM190",
        None,
        None,
        f"{_about(entry)} was accepted until {entry.expires.isoformat()} ({entry.reason})",
        "look at it again: mend it, or accept it until another day",
        mark=entry.mark,
    )


def _say_unused(entry: Acceptance, findings: Findings) -> None:
    findings.add(
        "DM191",
        None,
        None,
        f"{_about(entry)} is accepted, but there is no such warning",
        "remove the entry, or say which policy it is for",
        mark=entry.mark,
    )


def _say_error(entry: Acceptance, findings: Findings) -> None:
    findings.add(
        "DM192",
        None,
        None,
        f"{_about(entry)} is accepted, but it is an error here, and an error cannot be accepted",
        "mend the policy or the classification",
        mark=entry.mark,
    )
