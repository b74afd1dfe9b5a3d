"""The first policy file of an environment."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping

from datamask.policy.pack import DEFAULT

_TEMPLATE = """\
# What {name} may see of the data. Check it with `datamask check`; review every change of it.
version: 1
name: {name}
extends: {pack}             # a transform for every data class
unclassified: refuse         # a column that nobody has classified stops a snapshot

# Another transform for a data class:
# classes:
#   person.email: {{email: {{domain: example.com}}}}
#
# Exceptions, by column; `keep` lets a column pass unchanged:
# columns:
#   public.customers.notes: {{redact: {{keep_length: true}}}}
#
{tables}# Foreign keys that the database does not declare:
# references:
#   - public.audit.customer_id -> public.customers.id
"""


_TABLES = """\
# Which rows to take; outboxes and queues are best left empty:
# tables:
#   public.outbox: {rows: none}
#
"""
_EMPTIED = """\
# Which rows to take. No rule of the pack fits these tables' keys: find one for the column, or leave the table empty.
tables:
{lines}

"""
_WIDTH = 100


def render_policy(name: str, pack: str = DEFAULT, *, emptied: Mapping[str, str] | None = None) -> str:
    """The text of a first policy: everything from the pack, with the ways to change it as comments.

    :param name: the environment's name; letters, digits, ``_`` and ``-``.
    :param emptied: tables whose rows are not taken, each with the reason.
    """
    tables = _TABLES
    if emptied:
        lines = [
            line
            for table, reason in emptied.items()
            for line in (*_comment(reason), f"  {_scalar(table)}: {{rows: none}}")
        ]
        tables = _EMPTIED.format(lines="\n".join(lines))
    return _TEMPLATE.format(name=name, pack=pack, tables=tables)


def _comment(text: str) -> list[str]:
    return [f"  # {line}" for line in textwrap.wrap(text, _WIDTH, break_long_words=False)]


def _scalar(text: str) -> str:
    """Text as a key in YAML; quoted where it would be read as something else."""
    # A JSON string is a YAML one.
    return text if re.fullmatch(r"[A-Za-z_][\w.]*", text, re.ASCII) else json.dumps(text, ensure_ascii=False)
