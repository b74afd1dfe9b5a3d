"""Scenario files: read, joined with what they extend, with errors that name the line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from datamask.config.document import Mark, Node, load_document
from datamask.errors import UsageError
from datamask.scenario.model import (
    BASELINE,
    Expectation,
    FixedRow,
    Holds,
    Reference,
    Scenario,
    SqlFile,
    Value,
)
from datamask.scenario.rows_file import read_rows_file
from datamask.scenario.values import read_value
from datamask.suggest import did_you_mean

SUFFIX = ".yaml"
_KEYS = ("version", "description", "base", "extends", "tags", "generate", "seed", "rows", "sql", "expect")
_HOLDS: tuple[Holds, ...] = ("is", "rows", "at_least", "at_most")
# In a row: what it is called. No column can be called so without quotes.
_NAME = "$name"


def scenario_names(folder: Path) -> list[str]:
    """The scenarios of a folder."""
    return sorted(path.stem for path in folder.glob(f"*{SUFFIX}"))


def read_scenario(folder: Path, name: str, root: Path) -> Scenario:
    """A scenario with all that it extends.

    :param folder: where scenario files are.
    :param root: the project's folder, where files of secrets are found.
    :raises UsageError: there is none of that name, or something in it is wrong; with file and line.
    """
    path = folder / f"{name}{SUFFIX}"
    if not path.is_file():
        known = scenario_names(folder)
        raise UsageError(
            f"there is no scenario {name!r} in {folder}",
            hint=did_you_mean(name, known) or f"write {path}",
        )
    return _joined(folder, name, root, ())


@dataclass
class _Parts:
    """What one file says."""

    files: list[Path]
    texts: list[bytes]
    rows: list[FixedRow] = field(default_factory=list)
    sql: list[SqlFile] = field(default_factory=list)


def _joined(folder: Path, name: str, root: Path, above: tuple[str, ...]) -> Scenario:
    path = folder / f"{name}{SUFFIX}"
    document = load_document(path)
    keys = document.mapping("a scenario", _KEYS)
    if keys.get("version", document).value != 1:
        raise document.error("a scenario begins with `version: 1`")
    bases = [
        _joined(folder, _extended(node, folder, (*above, name)), root, (*above, name))
        for node in _listed(keys.get("extends"))
    ]
    own = _Parts([path], [path.read_bytes()])
    _read_rows(keys.get("rows"), own, root)
    for node in _listed(keys.get("sql")):
        file = path.parent / node.text("sql")
        own.sql.append(SqlFile(file, _read(file, node, own).decode()))
    scenario = Scenario(
        name=name,
        description=keys["description"].text("description") if "description" in keys else "",
        base=keys["base"].text("base") if "base" in keys else _base(bases),
        tags=tuple(node.text("tags") for node in _listed(keys.get("tags"))),
        files=tuple(dict.fromkeys([*own.files, *(file for base in bases for file in base.files)])),
        rows=_overridden([row for base in bases for row in base.rows], own.rows),
        sql=(*(one for base in bases for one in base.sql), *own.sql),
        expectations=(
            *(one for base in bases for one in base.expectations),
            *(_expectation(node) for node in _listed(keys.get("expect"))),
        ),
        volume=keys.get("generate") or next((base.volume for base in reversed(bases) if base.volume), None),
        seed=keys["seed"].integer("seed", minimum=0) if "seed" in keys else _seed(bases),
        texts=(*(text for base in bases for text in base.texts), *own.texts),
    )
    _check_references(scenario)
    return scenario


def _extended(node: Node, folder: Path, above: tuple[str, ...]) -> str:
    name = node.text("extends")
    if name in above:
        raise node.error(f"the scenario extends itself: {' → '.join((*above, name))}")
    if not (folder / f"{name}{SUFFIX}").is_file():
        raise node.error(f"there is no scenario {name!r}", did_you_mean(name, scenario_names(folder)))
    return name


def _base(bases: list[Scenario]) -> str:
    return bases[-1].base if bases else BASELINE


def _seed(bases: list[Scenario]) -> int:
    return bases[-1].seed if bases else 0


def _listed(node: Node | None) -> list[Node]:
    """One thing, or a list of them."""
    if node is None:
        return []
    return node.value if isinstance(node.value, list) else [node]


def _read_rows(node: Node | None, own: _Parts, root: Path) -> None:
    if node is None:
        return
    node.mapping("rows")
    for table, mark, listed in node.items:
        for row in _listed(listed):
            if set(row.mapping(f"a row of {table}")) == {"file"}:
                named = row.mapping("rows")["file"]
                file = named.mark.file.parent / named.text(f"rows.{table}.file")
                content = _read(file, named, own)
                own.rows += [_row(table, one, mark, root) for one in read_rows_file(file, content)]
            else:
                own.rows.append(_row(table, row, row.mark, root))


def _row(table: str, node: Node, mark: Mark, root: Path) -> FixedRow:
    keys = node.mapping(f"a row of {table}")
    name = keys[_NAME].text(_NAME) if _NAME in keys else None
    values: dict[str, Value] = {
        column: read_value(child, f"{table}.{column}", root)
        for column, child in keys.items()
        if column != _NAME
    }
    return FixedRow(table, name, values, mark)


def _read(file: Path, node: Node, own: _Parts) -> bytes:
    try:
        content = file.read_bytes()
        content.decode()
    except FileNotFoundError:
        raise node.error(f"there is no file {file}") from None
    except (OSError, UnicodeDecodeError):
        raise node.error(f"{file} cannot be read as UTF-8 text") from None
    own.files.append(file)
    own.texts.append(content)
    return content


def _overridden(below: list[FixedRow], own: list[FixedRow]) -> tuple[FixedRow, ...]:
    """Rows of the same table and name are one: the later one's columns count."""
    result = list(below)
    places = {(row.table, row.name): place for place, row in enumerate(result) if row.name}
    seen: dict[str, FixedRow] = {}
    for row in own:
        if row.name is not None:
            if row.name in seen:
                raise UsageError(
                    f"{row.mark}: there is a row {row.name!r} already, at {seen[row.name].mark}",
                    hint="give one of them another $name",
                )
            seen[row.name] = row
        place = places.get((row.table, row.name)) if row.name else None
        if place is None:
            result.append(row)
        else:
            result[place] = replace(row, values={**result[place].values, **row.values})
    return tuple(result)


def _check_references(scenario: Scenario) -> None:
    names = {row.name for row in scenario.rows if row.name}
    for row in scenario.rows:
        for column, value in row.values.items():
            if isinstance(value, Reference) and value.row == row.name:
                raise UsageError(
                    f"{row.mark}: {row.table}.{column} refers to its own row",
                    hint="give the key a value, and the column the same one",
                )
            if isinstance(value, Reference) and value.row not in names:
                raise UsageError(
                    f"{row.mark}: {row.table}.{column} refers to a row {value.row!r}, which there is not",
                    hint=did_you_mean(value.row, names) or "a row gets its name by `$name: …`",
                )


def _expectation(node: Node) -> Expectation:
    keys = node.mapping("an expectation", ("name", "sql", *_HOLDS))
    if "sql" not in keys or "name" not in keys:
        raise node.error("an expectation needs a name and sql")
    found: list[Holds] = [key for key in _HOLDS if key in keys]
    if len(found) != 1:
        raise node.error("an expectation has one of " + ", ".join(_HOLDS))
    [holds] = found
    value = keys[holds].value
    if isinstance(value, list | dict):
        raise keys[holds].error(f"{holds} must be one value")
    if holds != "is":
        value = keys[holds].number(holds)
    return Expectation(keys["name"].text("name"), keys["sql"].text("sql"), holds, value, node.mark)
