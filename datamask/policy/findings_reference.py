"""The reference page of all findings, from their codes: ``python -m datamask.policy.findings_reference``."""

from __future__ import annotations

from datamask.policy.codes import CODES

_HEAD = """\
# Findings of the policy compiler

`python -m datamask.policy.findings_reference > docs/reference/findings.md` writes this page from the code.

`datamask check` and every `datamask snapshot` compile the policy against the live catalog before a row is read.
Each finding has a code that stays the same over versions, a severity, a place, a reason and a hint. An **error** stops
a snapshot (exit code 4), a **warning** names a risk that only a person can judge, an **info** says what was decided.

The proofs are about transforms' laws, not about data: what cannot be proven counts as wrong where it would leak or
corrupt, and as a warning where a load would stop by itself. `datamask check --try` goes further:
it masks a few rows of each table in memory and tries types, constraints, keys and indexes on them in a scratch database
(`DM170` to `DM176`).

## Accepted findings

A warning that somebody has looked at can be accepted, in `accepted.yaml` beside the policy or the file that `accepted`
in `datamask.yaml` names:

```yaml
version: 1
accepted:
  - code: DM135
    table: public.orders          # * stands for any text; left out, any table
    column: number
    reason: numbers are handed out by the shop's ERP, not by the sequence
    expires: 2027-06-30
```

| key | |
| --- | --- |
| `code` | the finding's code |
| `policy`, `table`, `column` | what it covers, with `*` and `?` as in file names; left out, everything |
| `reason` | why it is fine; `datamask check` shows it |
| `expires` | the last day on which the entry counts; then somebody looks again |

Errors cannot be accepted. Entries that have expired, cover nothing or cover an error are findings themselves.
`datamask check --strict` ends with 4 for warnings that nobody has accepted.
"""

_SECTIONS = {
    "DM10": "Names and classes",
    "DM11": "Types and keys",
    "DM13": "Constraints of the column",
    "DM14": "Foreign keys and rows",
    "DM16": "Copies",
    "DM17": "Found in masked samples",
    "DM19": "The file of accepted findings",
}
# Under the heading of the ones before them.
_JOINED = {"DM12": "DM11", "DM15": "DM14"}


def findings_reference() -> str:
    """The whole page as Markdown."""
    lines = [_HEAD]
    headed = ""
    for code, listed in CODES.items():
        group = _JOINED.get(code[:4], code[:4])
        if group != headed and group in _SECTIONS:
            headed = group
            lines.append(f"## {_SECTIONS[group]}\n")
        lines.append(f"### {code} · {listed.severity}\n{listed.explanation}\n")
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    print(findings_reference(), end="")
