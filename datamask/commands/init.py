"""``datamask init``: configuration, classification and first policies from a live database."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from datamask.catalog.model import Catalog
from datamask.classify.classes import CLASSES
from datamask.classify.file import Classification, read_classification
from datamask.classify.render import render_classification
from datamask.commands.check import CheckedPolicy, check_policy
from datamask.commands.discover import propose, write_text
from datamask.config.connection_url import url_node
from datamask.config.document import Mark, Node
from datamask.config.secrets import SecretRef
from datamask.config.settings import FILE_NAME
from datamask.db.session import connect
from datamask.errors import RefusedError, UsageError
from datamask.policy.compile import compile_policy
from datamask.policy.file import read_policy
from datamask.policy.init import render_policy
from datamask.policy.model import RowRule
from datamask.policy.pack import DEFAULT, pack_path
from datamask.policy.plan import Finding

DEFAULT_SOURCE = "env:PRODUCTION_URL"

_POLICIES = ("staging", "dev")
_IGNORED = (".datamask/", "snapshots/")

_CONFIGURATION = """\
# {project}: where its databases are and what may happen to them.
version: 1
project: {project}
store: ./snapshots                       # masked snapshots; not for version control
masking_key: env:DATAMASK_KEY            # a reference, never the key itself
classification: policies/classification.yaml
environments:
  production:
    url: {source}
    tier: protected                      # only ever read
  staging:
    url: env:STAGING_URL
    tier: shared                         # replacing its data takes --confirm staging
    policy: policies/staging.yaml        # what this environment may see
  dev:
    url: embedded                        # a private PostgreSQL that datamask starts
    tier: disposable
    policy: policies/dev.yaml
    baseline: latest:staging             # what `datamask reset dev` goes back to
"""


@dataclass(frozen=True, slots=True)
class InitResult:
    """A project that was set up.

    :param source: the address of production as the configuration says it.
    :param files: what was written, relative to ``folder``.
    :param classes: columns by data class, those about persons and secrets only.
    :param policies: the new policies, compiled.
    :param emptied: tables that they leave empty, because no rule of their pack fits, with the reason.
    :param skipped: tables whose values could not be looked at, with the reason.
    :param key_set: True where the masking key's variable is set already.
    """

    folder: Path
    source: str
    files: tuple[str, ...]
    tables: int
    columns: int
    classes: dict[str, int]
    policies: tuple[CheckedPolicy, ...]
    emptied: dict[str, str]
    skipped: dict[str, str]
    key_set: bool


def init(
    folder: Path, *, source: str = DEFAULT_SOURCE, project: str | None = None, force: bool = False
) -> InitResult:
    """Look at a live database and write a project around it, ready for ``check`` and ``snapshot``.

    :param source: a reference such as ``env:NAME``, or an address without a password.
    :param project: by default the folder's name.
    :param force: replace files that are there.
    :raises RefusedError: where a file is there and ``force`` is not given; nothing was written.
    :raises UsageError: where the source is neither a reference nor an address.
    """
    folder = folder.absolute()
    name = project_name(project, folder)
    configuration = folder / FILE_NAME
    classification = folder / "policies" / "classification.yaml"
    policies = [folder / "policies" / f"{policy}.yaml" for policy in _POLICIES]
    existing = [path for path in (configuration, classification, *policies) if path.exists()]
    if existing and not force:
        names = ", ".join(str(path.relative_to(folder)) for path in existing)
        raise RefusedError(
            f"{folder} already has {names}",
            hint="--force replaces it; datamask discover --write only adds what a classification is missing",
        )
    with connect(_conninfo(source, folder), read_only=True) as session:
        catalog, proposals, skipped = propose(session)
    if not proposals.items:
        raise UsageError(
            f"database {catalog.database} has no table to begin with",
            hint="is it the right database, and may the role see its schemas?",
        )
    write_text(configuration, _CONFIGURATION.format(project=name, source=_scalar(source)))
    write_text(classification, render_classification(proposals))
    known = read_classification(classification)
    emptied = _unmaskable(known, catalog)
    for path in policies:
        write_text(path, render_policy(path.stem, emptied=emptied))
    ignored = _ignore(folder / ".gitignore")
    written = [configuration, classification, *policies, *ignored]
    return InitResult(
        folder,
        source,
        tuple(str(path.relative_to(folder)) for path in written),
        len({item.table for item in proposals.items}),
        len(proposals.items),
        dict(
            Counter(
                item.data_class for item in proposals.items if CLASSES[item.data_class].personal
            ).most_common()
        ),
        tuple(check_policy(read_policy(path), known, catalog) for path in policies),
        emptied,
        skipped,
        key_set=bool(os.environ.get("DATAMASK_KEY")),
    )


def _unmaskable(known: Classification, catalog: Catalog) -> dict[str, str]:
    """Tables that a first policy has to leave empty, with the reason: no rule of the pack fits what their keys ask for.

    A policy that stops every snapshot helps nobody to begin, and letting such a column pass would be a leak. None where
    leaving them empty does not help, as other tables reference them: the errors then say what is to be done.
    """
    pack = read_policy(pack_path(DEFAULT))
    errors = compile_policy(pack, known, catalog).errors
    reasons: dict[str, str] = {}
    for finding in errors:
        if finding.table in catalog.by_key:
            reasons.setdefault(finding.table, _without_place(finding))
    rows = {table: RowRule(Mark(pack.files[-1], 1, 1), rows="none") for table in reasons}
    if reasons and compile_policy(replace(pack, rows=rows), known, catalog).errors:
        return {}
    return reasons


def _without_place(finding: Finding) -> str:
    """The finding without the place in the pack at which its message begins."""
    place = f"{finding.table}.{finding.column}"
    start = finding.message.find(place)
    return f"{finding.code}: {finding.message[max(start, 0) :]}"


def project_name(wanted: str | None, folder: Path) -> str:
    """The name that is asked for, else the folder's, as far as it can be one."""
    if wanted is None:
        return re.sub(r"[^A-Za-z0-9_-]+|^[^A-Za-z]+", "-", folder.name).strip("-")[:40] or "project"
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,39}", wanted):
        raise UsageError(
            f"{wanted!r} cannot be a project's name",
            hint="use up to 40 letters, digits, - and _, beginning with a letter",
        )
    return wanted


def _conninfo(source: str, folder: Path) -> str:
    """What ``--source`` means, checked by the rules of the configuration file that it will stand in."""
    node = Node(source, Mark(Path("--source"), 1, 1))
    try:
        url = url_node(node, "--source", folder)
    except UsageError as error:
        # There is no line to name: the text came from the command line.
        raise UsageError(error.message.partition(": ")[2], hint=error.hint) from None
    if isinstance(url, SecretRef):
        return url.resolve_text().strip()
    if url == "embedded":
        raise UsageError(
            "--source must be a database that is there already", hint="write --source env:NAME or an address"
        )
    return url


def _scalar(text: str) -> str:
    """Text as YAML; quoted where it would be read as something else."""
    # A JSON string is a YAML one.
    return text if re.fullmatch(r"[A-Za-z][\w:/.@?&=%+-]*", text, re.ASCII) else json.dumps(text)


def _ignore(path: Path) -> list[Path]:
    """Keep the store and the embedded server out of version control; lines of the user's stay."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = {line.strip().strip("/") for line in text.splitlines()}
    missing = [entry for entry in _IGNORED if entry.strip("/") not in lines]
    if not missing:
        return []
    gap = "" if not text or text.endswith("\n") else "\n"
    write_text(path, text + gap + "".join(f"{entry}\n" for entry in missing))
    return [path]
