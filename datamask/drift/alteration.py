"""``ALTER`` and ``DROP`` for what differs, as far as they go. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from datamask.catalog.schema_state import SchemaObject, Value, object_name
from datamask.db.quoting import quote_literal
from datamask.drift import creation
from datamask.drift.creation import container_name, last_name, text
from datamask.drift.difference import Aspect, Difference

_REPLACED = frozenset({"view", "function", "procedure"})
_MADE_ANEW = frozenset({"constraint", "index", "trigger", "rule", "statistics", "materialized view"})
_COLUMN_COMMENT = "comment on column "

_PART_OF_TABLE = {"trigger": "TRIGGER", "rule": "RULE", "policy": "POLICY"}


def altered(item: Difference, baseline: SchemaObject, found: SchemaObject) -> Iterator[str]:
    """What makes one changed object as the baseline has it: statements, and notes for the rest."""
    left: list[str] = []
    for aspect in item.aspects:
        statement = _attribute(baseline, aspect)
        if statement is None:
            left.append(aspect.name)
        elif statement:
            yield statement
    if not left:
        return
    if item.kind == "setting":
        yield _setting(baseline)
    elif item.kind == "grant" and (granted := creation.grant(baseline)):
        yield dropped(found)
        yield granted
    elif item.kind in _REPLACED:
        yield creation.BY_KIND[item.kind](baseline) or _note(item, left)
    elif item.kind == "policy" or (item.kind in _MADE_ANEW and "definition" in left and not _enforces(found)):
        yield dropped(found)
        yield creation.BY_KIND[item.kind](baseline) or _note(item, left)
    else:
        yield _note(item, left)


def dropped(item: SchemaObject) -> str:
    """``DROP`` of one object."""
    if item.kind == "column":
        return f"ALTER TABLE {container_name(item)} DROP COLUMN {last_name(item)};"
    if item.kind == "constraint":
        what = "DOMAIN" if item.of is not None and item.of.startswith("type ") else "TABLE"
        return f"ALTER {what} {container_name(item)} DROP CONSTRAINT {last_name(item)};"
    if item.kind in _PART_OF_TABLE:
        return f"DROP {_PART_OF_TABLE[item.kind]} {last_name(item)} ON {container_name(item)};"
    if item.kind == "type":
        return f"DROP {'DOMAIN' if text(item, 'kind') == 'domain' else 'TYPE'} {item.name};"
    if item.kind == "table" and text(item, "kind") == "foreign":
        return f"DROP FOREIGN TABLE {item.name};"
    if item.kind == "setting":
        return f"note: ALTER DATABASE … RESET {item.name}"
    if item.kind == "grant":
        kind, name = creation.granted_on(item)
        grantee = item.name.rpartition(" to ")[2]
        if kind is None or grantee == "its owner" or item.attributes.get("privileges") == "none":
            return f"note: take back {item.key} by hand"
        return f"REVOKE ALL ON {kind} {name} FROM {grantee};"
    if item.kind in (
        "role setting",
        "default privileges",
        "user mapping",
        "cast",
        "operator",
        "operator class",
    ):
        return f"note: remove {item.key} by hand"
    kind = "server" if item.kind == "foreign server" else item.kind
    return f"DROP {kind.upper()} {item.name};"


def _enforces(item: SchemaObject) -> bool:
    """True for the index of a constraint, which comes and goes with it."""
    return item.kind == "index" and item.of is not None and item.of.startswith("constraint ")


def _note(item: Difference, names: list[str]) -> str:
    return f"note: {item.key}: change by hand: {', '.join(names)}"


def _setting(item: SchemaObject) -> str:
    return f"note: ALTER DATABASE … SET {item.name} TO {quote_literal(text(item, 'value')).strip()}"


def _attribute(item: SchemaObject, aspect: Aspect) -> str | None:
    """The statement for one attribute, None where there is none, empty where nothing has to be done."""
    value = aspect.before
    if aspect.name == "column order":
        return ""
    if aspect.name == "comment" and item.kind not in ("grant", "database"):
        return _comment(item, value)
    if aspect.name == "owner" and isinstance(value, str) and item.kind != "database":
        return f"ALTER {item.kind.upper()} {item.name} OWNER TO {value};"
    if item.kind == "column":
        return _column(item, aspect)
    if item.kind == "extension" and aspect.name == "version":
        return f"ALTER EXTENSION {item.name} UPDATE TO {quote_literal(str(value)).strip()};"
    if item.kind == "table" and aspect.name == "row security":
        enabled = "ENABLE" if value in ("enabled", "forced") else "DISABLE"
        forced = "FORCE" if str(value).startswith("forced") else "NO FORCE"
        return f"ALTER TABLE {item.name} {enabled} ROW LEVEL SECURITY, {forced} ROW LEVEL SECURITY;"
    if item.kind == "trigger" and aspect.name == "enabled":
        return creation.enabling(item, "" if value is None else str(value))
    if aspect.name.startswith(_COLUMN_COMMENT):
        column = object_name([aspect.name.removeprefix(_COLUMN_COMMENT)])
        return f"COMMENT ON COLUMN {item.name}.{column} IS {_literal(value)};"
    if item.kind == "sequence" and aspect.name == "owned by":
        return f"ALTER SEQUENCE {item.name} OWNED BY {value or 'NONE'};"
    if item.kind == "type" and aspect.name == "labels":
        return _labels(item, aspect)
    return None


def _column(item: SchemaObject, aspect: Aspect) -> str | None:
    alter = f"ALTER TABLE {container_name(item)} ALTER COLUMN {last_name(item)}"
    match aspect.name:
        case "type":
            return f"{alter} TYPE {aspect.before};"
        case "not null":
            return f"{alter} {'SET' if aspect.before else 'DROP'} NOT NULL;"
        case "default":
            return f"{alter} SET DEFAULT {aspect.before};" if aspect.before else f"{alter} DROP DEFAULT;"
        case "identity":
            if not aspect.before:
                return f"{alter} DROP IDENTITY;"
            verb = "SET GENERATED" if aspect.after else "ADD GENERATED"
            tail = "" if aspect.after else " AS IDENTITY"
            return f"{alter} {verb} {str(aspect.before).upper()}{tail};"
        case "storage" if aspect.before:
            return f"{alter} SET STORAGE {aspect.before};"
        case "statistics target":
            return f"{alter} SET STATISTICS {-1 if aspect.before is None else aspect.before};"
    return None


def _comment(item: SchemaObject, value: Value | None) -> str:
    words = _literal(value)
    what = item.kind.upper()
    if item.kind in ("constraint", *_PART_OF_TABLE):
        domain = "DOMAIN " if item.of is not None and item.of.startswith("type ") else ""
        return f"COMMENT ON {what} {last_name(item)} ON {domain}{container_name(item)} IS {words};"
    return f"COMMENT ON {what} {item.name} IS {words};"


def _literal(value: Value | None) -> str:
    return "NULL" if value is None else quote_literal(str(value)).strip()


def _labels(item: SchemaObject, aspect: Aspect) -> str | None:
    """``ADD VALUE`` where labels were only added: none can be taken away."""
    wanted, there = creation.listed(aspect.before), creation.listed(aspect.after)
    if [label for label in wanted if label in there] != there:
        return None
    lines = []
    for number, label in enumerate(wanted):
        if label in there:
            continue
        place = f" AFTER {quote_literal(wanted[number - 1]).strip()}" if number else ""
        if not number and there:
            place = f" BEFORE {quote_literal(there[0]).strip()}"
        lines.append(f"ALTER TYPE {item.name} ADD VALUE {quote_literal(label).strip()}{place};")
    return "\n".join(lines)
