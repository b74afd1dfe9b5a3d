"""Columns that repeat what another one hides: generated, search vectors, ``*_hash``, payloads."""

from __future__ import annotations

from collections.abc import Mapping

from datamask.masking.model import ColumnMask
from datamask.policy.codes import Findings
from datamask.policy.decide import Decision
from datamask.policy.layout import ColumnRef, Layout, LogicalTable
from datamask.policy.model import Policy
from datamask.policy.rows import is_emptied
from datamask.policy.uniqueness import computed_from

_COPY_ENDINGS = (
    "hash", "hashed", "digest", "sha1", "sha256", "md5", "normalized", "normalised", "canonical", "lower",
    "lowercase", "search", "index", "bidx", "encrypted", "ciphertext", "tokens", "trigram", "soundex",
    "metaphone", "raw", "old", "previous", "backup", "copy", "plain", "slug",
)  # fmt: skip


def check_copies(
    policy: Policy,
    layout: Layout,
    decisions: Mapping[ColumnRef, Decision],
    masks: Mapping[ColumnRef, ColumnMask],
    findings: Findings,
) -> None:
    """Find what gives away, beside a masked column, what that column held."""
    for table in layout.tables.values():
        masked = {name for name in table.columns if (table.key, name) in masks}
        if masked and not is_emptied(policy, layout, table.key):
            _check(table, masked, decisions, findings)


def _check(
    table: LogicalTable, masked: set[str], decisions: Mapping[ColumnRef, Decision], findings: Findings
) -> None:
    for name, inputs in computed_from(table, masked).items():
        findings.add(
            "DM160",
            table.key,
            name,
            f"{table.key}.{name} is computed again on load, from masked {', '.join(sorted(inputs))}",
            "nothing to do",
        )
    texts = sorted(name for name in masked if table.columns[name].type.kind in {"text", "json"})
    for name, column in table.columns.items():
        decision = decisions.get((table.key, name))
        if name in masked or column.generated or decision is None:
            continue
        if column.type.kind == "tsvector" and texts:
            _search_vector(table, name, texts, decision, findings)
        elif decision.explicit:
            # Somebody looked at this very column and said keep.
            continue
        elif column.type.kind in {"json", "xml"}:
            findings.add(
                "DM163",
                table.key,
                name,
                f"{table.key}.{name} passes unchanged, and a payload often repeats other columns "
                f"({', '.join(sorted(masked))} are masked)",
                f"classify it as document, or say `{table.key}.{name}: keep` under columns",
            )
        else:
            source = _copied(name, masked)
            if source:
                findings.add(
                    "DM162",
                    table.key,
                    name,
                    f"{table.key}.{name} passes unchanged and, by its name, repeats the masked {source}",
                    f"classify it like {source}, or say `{table.key}.{name}: keep` under columns",
                )


def _search_vector(
    table: LogicalTable, name: str, texts: list[str], decision: Decision, findings: Findings
) -> None:
    findings.add(
        "DM161",
        table.key,
        name,
        f"{table.key}.{name} is a search vector and passes unchanged: "
        f"it may hold every word of {', '.join(texts)}",
        "classify it as search_index; applications fill it again when a row changes",
        severity="warning" if decision.explicit else None,
    )


def _copied(name: str, masked: set[str]) -> str | None:
    lowered = name.lower()
    for source in sorted(masked):
        rest = lowered.removeprefix(source.lower())
        if rest != lowered and rest.lstrip("_") in _COPY_ENDINGS:
            return source
        before = lowered.removesuffix(source.lower())
        if before != lowered and before.rstrip("_") in _COPY_ENDINGS:
            return source
    return None
