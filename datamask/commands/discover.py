"""``datamask discover``: a data class proposed for every column that the classification does not name."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from datamask.catalog.introspect import introspect
from datamask.catalog.model import Catalog
from datamask.classify.classes import CLASSES
from datamask.classify.discover import Proposal, Proposals, discover
from datamask.classify.file import Classification, parse_classification
from datamask.classify.render import merge_classification, render_classification
from datamask.commands.project import Project
from datamask.commands.sampling import TableSampler
from datamask.commands.scope import source_environment
from datamask.config.document import parse_document
from datamask.db.session import Session, connect
from datamask.errors import DatamaskError, PolicyError

_NEARLY_SURE = 0.85


@dataclass(frozen=True, slots=True)
class Discovery:
    """What is proposed for a classification file.

    :param proposals: for the columns that the file does not name.
    :param doubted: columns that the file calls harmless, and that are personal by their names or values.
    :param gone: tables and columns that the file names and the database does not have.
    :param diff: from the file as it is to the file with the proposals; empty where nothing is missing.
    :param skipped: tables whose values could not be looked at, with the reason.
    :param written: True where the file holds the proposals now.
    """

    environment: str
    file: Path
    columns: int
    proposals: tuple[Proposal, ...]
    doubted: tuple[Proposal, ...]
    gone: tuple[tuple[str, str | None], ...]
    diff: str
    skipped: dict[str, str]
    written: bool


def discover_columns(
    project: Project, environment_name: str | None = None, *, write: bool = False, sample: bool = True
) -> Discovery:
    """Compare the committed classification with the live database, and propose what is missing.

    :param write: add the proposals to the file; its other lines stay as they are.
    :param sample: look at some values too, not only at names and types.
    """
    environment = source_environment(project, environment_name)
    file = project.settings.classification
    before = _text(file)
    classification = (
        parse_classification(parse_document(before, file, kind=PolicyError), file)
        if before is not None
        else Classification({}, file)
    )
    with connect(project.conninfo(environment), read_only=True) as session:
        catalog, proposals, skipped = propose(session, sample=sample)
    missing = Proposals(
        tuple(item for item in proposals.items if classification.entry(item.table, item.column) is None)
    )
    after = before or ""
    if missing.items:
        after = (
            merge_classification(before, missing, file)
            if before is not None
            else render_classification(missing)
        )
    if write and after != before:
        write_text(file, after)
    return Discovery(
        environment.name,
        file,
        len(proposals.items),
        missing.items,
        _doubted(classification, proposals),
        _gone(classification, catalog),
        _diff(before, after, _relative(file, project.settings.root)),
        skipped,
        written=write and bool(missing.items),
    )


def propose(session: Session, *, sample: bool = True) -> tuple[Catalog, Proposals, dict[str, str]]:
    """The catalog, a class for every column of it, and the tables that could not be looked at."""
    catalog = introspect(session)
    sampler = TableSampler(session) if sample else None
    return catalog, discover(catalog, sampler), sampler.skipped if sampler else {}


def write_text(path: Path, text: str) -> None:
    """Put a file in place by a rename, so that it is never half written.

    :raises DatamaskError: where the folder cannot be written.
    """
    draft = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise DatamaskError(f"{path} cannot be written: {error.strerror}") from None


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise PolicyError(f"{file}: cannot be read as UTF-8 text", hint="save the file as UTF-8") from None


def _doubted(classification: Classification, proposals: Proposals) -> tuple[Proposal, ...]:
    """A person has looked at what the file says: only what is nearly sure is worth another look."""
    doubted = []
    for item in proposals.items:
        entry = classification.entry(item.table, item.column)
        if entry is None or CLASSES[entry.data_class].personal or item.confidence < _NEARLY_SURE:
            continue
        if CLASSES[item.data_class].personal:
            doubted.append(item)
    return tuple(doubted)


def _gone(classification: Classification, catalog: Catalog) -> tuple[tuple[str, str | None], ...]:
    gone: list[tuple[str, str | None]] = []
    for key, columns in classification.tables.items():
        table = catalog.table(key)
        if table is None:
            gone.append((key, None))
        else:
            gone += [(key, name) for name in columns if table.column(name) is None]
    return tuple(gone)


def _relative(file: Path, root: Path) -> str:
    """As version control names it, so that the diff can be applied where the configuration is."""
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name


def _diff(before: str | None, after: str, name: str) -> str:
    lines = difflib.unified_diff(
        (before or "").splitlines(),
        after.splitlines(),
        f"a/{name}" if before is not None else "/dev/null",
        f"b/{name}",
        lineterm="",
        n=2,
    )
    return "\n".join(lines)
