"""What a trial with masked samples showed, as findings. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from datamask.policy.codes import Findings
from datamask.policy.plan import Finding, Plan, Severity

_CODES = {
    "check": "DM170",
    "unchecked": "DM170",
    "type": "DM171",
    "exclusion": "DM172",
    "unique": "DM173",
    "foreign key": "DM174",
    "index": "DM175",
    "row": "DM176",
}


@dataclass(frozen=True, slots=True)
class Tried:
    """How many rows, or values, of a masked sample met one demand of the database.

    :param table: a partitioned table for its partitions.
    :param demand: ``check``, ``unchecked`` (a CHECK that rows at hand need not meet), ``type`` (valid input of the
        column's type), ``exclusion``, ``unique``, ``foreign key``, ``index`` (the row fits into it), or ``row`` (the
        table takes it).
    :param name: the constraint's, the index's or the type's; of a row, why it was refused.
    :param columns: the masked columns that it is about, none where it is about others.
    :param rows: how many were tried.
    :param breaches: how many did not meet it.
    """

    table: str
    demand: str
    name: str
    columns: tuple[str, ...]
    rows: int
    breaches: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """An unmasked column in which a sample of a masked column's values was found; partitions count as their table.

    :param how: ``equal`` (row by row), ``inside`` (as a part of the text of the same row) or ``elsewhere`` (the
        same set of values in another table).
    :param share: of the values compared, 0 to 1.
    """

    table: str
    column: str
    source_table: str
    source: str
    how: str
    share: float


def with_trial(plan: Plan, tried: Sequence[Tried], repeated: Sequence[Repeated]) -> Plan:
    """The plan with what its masked samples showed among its findings.

    A CHECK constraint that could not be proven and held for every sampled row is a note from then on.
    """
    findings = Findings()
    tried = _together(tried)
    for item in tried:
        if item.breaches:
            _say_breach(item, findings)
    for found in repeated:
        _say_repeated(found, findings)
    clean = {
        (item.table, column, item.name): item.rows
        for item in tried
        if item.demand in {"check", "unchecked"} and item.rows and not item.breaches
        for column in item.columns
    }
    known = tuple(_calmed(finding, clean) for finding in plan.findings)
    order = ("error", "warning", "info")
    whole = sorted((*findings.sorted(), *known), key=lambda finding: order.index(finding.severity))
    return replace(plan, findings=tuple(whole))


def _together(tried: Sequence[Tried]) -> list[Tried]:
    """What was tried of a table's partitions, as one."""
    found: dict[tuple[object, ...], Tried] = {}
    for item in tried:
        about = (item.table, item.demand, item.name, item.columns)
        known = found.get(about)
        if known is not None:
            item = replace(item, rows=known.rows + item.rows, breaches=known.breaches + item.breaches)
        found[about] = item
    return list(found.values())


def _calmed(finding: Finding, clean: dict[tuple[str, str, str], int]) -> Finding:
    if finding.code != "DM136":
        return finding
    for (table, column, name), rows in clean.items():
        if (finding.table, finding.column) == (
            table,
            column,
        ) and f"the constraint {name} " in finding.message:
            return replace(
                finding,
                severity="info",
                message=f"{finding.message}; all {rows:,} sampled rows met it",
            )
    return finding


def _share(item: Tried) -> str:
    return f"{item.breaches:,} of {item.rows:,} ({item.breaches / item.rows:.0%})"


def _say_breach(item: Tried, findings: Findings) -> None:
    masked = ", ".join(item.columns)
    once_masked = f"once {masked} is masked" if masked else "once masked"
    rows = f"{_share(item)} of the sampled rows of {item.table}"
    message, hint = {
        "check": (
            f"{rows} break the constraint {item.name} {once_masked}",
            "take a transform that keeps to the constraint: `fixed` with a value that meets it, a coarser "
            "one, or `keep` where the column says nothing about anybody",
        ),
        "unchecked": (
            f"{rows} break the constraint {item.name} {once_masked}; it is NOT VALID or NOT ENFORCED, so that a load "
            "takes them all the same",
            "applications cannot change those rows where the constraint holds for new ones; take a transform that "
            "keeps to it",
        ),
        "type": (
            f"{_share(item)} of the masked values of {item.table}.{masked} are no valid {item.name}",
            "take another transform for this column, or `fixed` with a value of the type",
        ),
        "exclusion": (
            f"{rows} conflict with another one under the exclusion constraint {item.name} {once_masked}",
            "let the column pass unchanged, or empty the table",
        ),
        "unique": (
            f"{rows} repeat another one under the unique key {item.name} {once_masked}",
            "take an injective transform for every column of the key, or let one that keeps rows apart pass unchanged",
        ),
        "foreign key": (
            f"{_share(item)} of the sampled rows of {item.table} whose referenced row was sampled too no longer find "
            f"it by {item.name} {once_masked}",
            "give both ends of the foreign key the same transform and domain; what else differs, such as case or "
            "spelling, is masked differently too",
        ),
        "index": (
            f"{rows} cannot stand under the index {item.name} {once_masked}",
            "take a transform with shorter results, or of the form that the index's expression asks for",
        ),
        "row": (
            f"{rows} are refused {once_masked}: {item.name}",
            "a load would stop there; let the columns that the message is about pass unchanged, or take another "
            "transform for them",
        ),
    }[item.demand]
    # What is about the row as a whole, or about a constraint over other columns, names no column of its own.
    columns = item.columns or (None,)
    severity: Severity | None = "warning" if item.demand == "unchecked" else None
    for column in columns:
        findings.add(_CODES[item.demand], item.table, column, message, hint, severity=severity)


def _say_repeated(found: Repeated, findings: Findings) -> None:
    here, source = f"{found.table}.{found.column}", f"{found.source_table}.{found.source}"
    how = {
        "equal": f"holds the same values as the masked {source}",
        "inside": f"holds the values of the masked {source} of the same row inside its own",
        "elsewhere": f"holds the same values as the masked {source}, in another table",
    }[found.how]
    findings.add(
        "DM166",
        found.table,
        found.column,
        f"{here} passes unchanged and {how} ({found.share:.0%} of a sample)",
        f"classify it like {found.source}, or say `{here}: keep` under columns",
    )
