"""The first policy file of an environment."""

from __future__ import annotations

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
# Which rows to take; outboxes and queues are best left empty:
# tables:
#   public.outbox: {{rows: none}}
#
# Foreign keys that the database does not declare:
# references:
#   - public.audit.customer_id -> public.customers.id
"""


def render_policy(name: str, pack: str = DEFAULT) -> str:
    """The text of a first policy: everything from the pack, with the ways to change it as comments.

    :param name: the environment's name; letters, digits, ``_`` and ``-``.
    """
    return _TEMPLATE.format(name=name, pack=pack)
