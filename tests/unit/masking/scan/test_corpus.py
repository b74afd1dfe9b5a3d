"""Precision and recall on sentences that were labelled by hand."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import polars as pl

from datamask.masking.scan.kinds import DEFAULT
from datamask.masking.scan.scanner import Texts
from datamask.masking.scan.search import Search

CORPUS = Path(__file__).with_name("corpus.txt")
LABEL = re.compile(r"\{(\w+)\|([^}|]*)(\|no)?\}")

Span = tuple[int, str, str]


def labelled() -> tuple[list[str], set[Span]]:
    """The sentences without their labels; and line, kind and text of each label."""
    texts: list[str] = []
    spans: set[Span] = set()
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith(("#", "[")):
            continue
        spans |= {(len(texts), match[1], match[2]) for match in LABEL.finditer(line) if not match[3]}
        texts.append(LABEL.sub(r"\2", line))
    return texts, spans


def found(texts: list[str]) -> set[Span]:
    values = pl.Series(texts)
    whole = Texts.of(values)
    findings = Search(frozenset(DEFAULT)).findings(whole, values, {})
    rows = whole.rows([one.start for one in findings])
    return {
        (row, one.kind, whole.whole[one.start : one.end].decode())
        for row, one in zip(rows, findings, strict=True)
    }


def report() -> str:
    """Precision and recall by kind, and what went wrong."""
    texts, wanted = labelled()
    got = found(texts)
    kinds = Counter(kind for _, kind, _ in wanted | got)
    lines = [f"{len(texts)} sentences", f"{'kind':<14}{'labels':>7}{'precision':>11}{'recall':>8}"]
    for kind in sorted(kinds):
        of_kind, of_got = {one for one in wanted if one[1] == kind}, {one for one in got if one[1] == kind}
        right = len(of_kind & of_got)
        lines.append(
            f"{kind:<14}{len(of_kind):>7}{right / max(1, len(of_got)):>11.2f}{right / max(1, len(of_kind)):>8.2f}"
        )
    lines += [f"missed {one[1:]} in: {texts[one[0]]}" for one in sorted(wanted - got)]
    lines += [f"wrong {one[1:]} in: {texts[one[0]]}" for one in sorted(got - wanted)]
    return "\n".join(lines)


def test_nearly_everything_is_found_and_little_else() -> None:
    texts, wanted = labelled()
    got = found(texts)
    assert len(texts) >= 150
    assert len(wanted & got) / len(wanted) >= 0.98, report()
    assert len(wanted & got) / len(got) >= 0.98, report()


if __name__ == "__main__":
    print(report())
