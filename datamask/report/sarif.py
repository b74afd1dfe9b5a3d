"""Findings as SARIF 2.1.0 (OASIS standard), which code hosts show beside the lines that they are about."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from datamask.config.document import Mark
from datamask.policy.accepted import Accepted
from datamask.policy.codes import CODES, Code
from datamask.policy.plan import Finding, Severity
from datamask.report.json_text import Object

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_PLACE = re.compile(r"^[^\n]*?:\d+: ")
_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}


@dataclass(frozen=True, slots=True)
class PolicyFindings:
    """What was found about one policy.

    :param accepted: warnings that somebody has accepted.
    """

    policy: str
    findings: Sequence[Finding]
    accepted: Sequence[Accepted] = ()


def sarif(policies: Sequence[PolicyFindings], *, version: str, environment: str, root: Path) -> Object:
    """One run with a result for each finding; accepted ones are suppressed, with their reason.

    A finding that several policies share is one result, whose properties name them.

    :param version: of datamask.
    :param root: the folder that paths are relative to, which the reader knows; files elsewhere keep their whole path.
    """
    results: dict[tuple[Finding, Mark | None], dict[str, object]] = {}
    for policy in policies:
        suppressions = {item.finding: item.acceptance.reason for item in policy.accepted}
        for finding in (*policy.findings, *suppressions):
            result = results.setdefault((finding, finding.mark), _result(finding, root))
            properties = result["properties"]
            assert isinstance(properties, dict)
            properties["policies"].append(policy.policy)
            if finding in suppressions:
                result["suppressions"] = [{"kind": "external", "justification": suppressions[finding]}]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "datamask",
                        "semanticVersion": version,
                        "rules": [_rule(code, listed) for code, listed in CODES.items()],
                    }
                },
                "automationDetails": {"id": f"datamask/check/{environment}/"},
                "columnKind": "unicodeCodePoints",
                "results": list(results.values()),
            }
        ],
    }


def relative(path: Path, root: Path) -> str | None:
    """The path below ``root`` with forward slashes, None for a file elsewhere."""
    whole, top = path.absolute(), root.absolute()
    return whole.relative_to(top).as_posix() if whole.is_relative_to(top) else None


def _rule(code: str, listed: Code) -> Object:
    text = listed.title[:1].upper() + listed.title[1:]
    return {
        "id": code,
        "shortDescription": {"text": text},
        "fullDescription": {"text": listed.explanation},
        "help": {"text": listed.explanation, "markdown": listed.explanation},
        "defaultConfiguration": {"level": _LEVELS[listed.severity]},
    }


def _result(finding: Finding, root: Path) -> dict[str, object]:
    place = ".".join(part for part in (finding.table, finding.column) if part)
    text = finding.message if finding.hint is None else f"{finding.message}\n{finding.hint}"
    location = _location(finding, place, root)
    return {
        "ruleId": finding.code,
        "ruleIndex": list(CODES).index(finding.code),
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [location] if location else [],
        "partialFingerprints": {"datamaskFinding/v1": _fingerprint(finding, place)},
        "properties": {"policies": []},
    }


def _fingerprint(finding: Finding, place: str) -> str:
    """Stable over edits that move lines: without the file and line that some messages begin with."""
    text = _PLACE.sub("", finding.message)
    return hashlib.sha256("\0".join((finding.code, place, text)).encode()).hexdigest()


def _location(finding: Finding, place: str, root: Path) -> dict[str, object]:
    location: dict[str, object] = {}
    mark = finding.mark
    if mark is not None:
        below = relative(mark.file, root)
        artifact = (
            {"uri": quote(below), "uriBaseId": _ROOT} if below else {"uri": mark.file.absolute().as_uri()}
        )
        location["physicalLocation"] = {
            "artifactLocation": artifact,
            "region": {"startLine": mark.line, "startColumn": mark.column},
        }
    if place:
        name = finding.column or finding.table
        location["logicalLocations"] = [
            {
                "name": name,
                "fullyQualifiedName": place,
                "kind": "member" if finding.column else "type",
            }
        ]
    return location
