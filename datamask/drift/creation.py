"""``CREATE`` for the objects of a schema state, as far as it goes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from datamask.catalog.schema_state import SchemaObject, Value, object_name
from datamask.db.quoting import quote_literal

_SQL_STRING = "$body$"

_FURTHER = " with grant option"

GRANTED_ON = {
    "table": "TABLE",
    "view": "TABLE",
    "materialized view": "TABLE",
    "sequence": "SEQUENCE",
    "schema": "SCHEMA",
    "function": "FUNCTION",
    "aggregate": "FUNCTION",
    "procedure": "PROCEDURE",
    "type": "TYPE",
    "foreign server": "FOREIGN SERVER",
    "foreign data wrapper": "FOREIGN DATA WRAPPER",
}


def text(item: SchemaObject, attribute: str) -> str:
    """An attribute as text, empty where it is not set."""
    value = item.attributes.get(attribute)
    return "" if value is None else str(value)


def listed(value: Value | None) -> list[str]:
    """An attribute that is a list."""
    return value if isinstance(value, list) else []


def last_name(item: SchemaObject) -> str:
    """The last part of a qualified name, quotes and all."""
    name, parts, quoted = item.name, [""], False
    for character in name:
        quoted ^= character == '"'
        if character == "." and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return parts[-1]


def container_name(item: SchemaObject) -> str:
    """The qualified name without its last part."""
    return item.name[: -len(last_name(item)) - 1]


def column_definition(item: SchemaObject) -> str:
    """A column as CREATE TABLE and ADD COLUMN take it."""
    words = [last_name(item), text(item, "type")]
    if collation := text(item, "collation"):
        words.append(f"COLLATE {collation}")
    if generated := text(item, "generated"):
        expression, _, kind = generated.rpartition(" ")
        words.append(f"GENERATED ALWAYS AS ({expression}) {kind}")
    elif identity := text(item, "identity"):
        words.append(f"GENERATED {identity.upper()} AS IDENTITY")
    elif default := text(item, "default"):
        words.append(f"DEFAULT {default}")
    if item.attributes.get("not null"):
        words.append("NOT NULL")
    return " ".join(words)


def table(item: SchemaObject, columns: Iterable[SchemaObject]) -> str:
    """A table with its columns, without what else belongs to it."""
    unlogged = "UNLOGGED " if text(item, "persistence") else ""
    kind = "FOREIGN " if text(item, "kind") == "foreign" else ""
    head = f"CREATE {unlogged}{kind}TABLE {item.name}"
    if parent := text(item, "partition of"):
        partitioned = f" PARTITION BY {key}" if (key := text(item, "partition key")) else ""
        return f"{head} PARTITION OF {parent} {text(item, 'bound')}{partitioned};"
    order = listed(item.attributes.get("column order"))
    place = {object_name([name]): number for number, name in enumerate(order)}
    lines = [
        column_definition(column)
        for column in sorted(columns, key=lambda column: place.get(last_name(column), len(place)))
    ]
    body = ",\n".join(f"    {line}" for line in lines)
    options = listed(item.attributes.get("options"))
    tail = f" INHERITS ({', '.join(parents)})" if (parents := listed(item.attributes.get("inherits"))) else ""
    tail += f" PARTITION BY {key}" if (key := text(item, "partition key")) else ""
    tail += f" SERVER {server}" if (server := text(item, "foreign server")) else ""
    tail += f" WITH ({', '.join(options)})" if options else ""
    statement = f"{head} (\n{body}\n){tail};"
    if (identity := text(item, "replica identity")) in ("full", "nothing"):
        statement += f"\nALTER TABLE {item.name} REPLICA IDENTITY {identity.upper()};"
    if security := text(item, "row security"):
        statement += f"\nALTER TABLE {item.name} ENABLE ROW LEVEL SECURITY;"
        if security.startswith("forced"):
            statement += f"\nALTER TABLE {item.name} FORCE ROW LEVEL SECURITY;"
    return statement


def _column(item: SchemaObject) -> str:
    return f"ALTER TABLE {container_name(item)} ADD COLUMN {column_definition(item)};"


def constraint(item: SchemaObject) -> str:
    """A constraint of a table or a domain."""
    what = "DOMAIN" if item.of is not None and item.of.startswith("type ") else "TABLE"
    return f"ALTER {what} {container_name(item)} ADD CONSTRAINT {last_name(item)} {text(item, 'definition')};"


def _definition(item: SchemaObject) -> str:
    return text(item, "definition").rstrip(";") + ";"


def view(item: SchemaObject) -> str:
    """A view or a materialized view."""
    replace = "OR REPLACE " if item.kind == "view" else ""
    options = listed(item.attributes.get("options"))
    clause = f" WITH ({', '.join(options)})" if options else ""
    return f"CREATE {replace}{item.kind.upper()} {item.name}{clause} AS\n{_definition(item)}"


def routine(item: SchemaObject) -> str | None:
    """A function or a procedure; None for an aggregate."""
    if item.kind == "aggregate":
        return None
    name = item.name[: item.name.rindex("(")]
    head = f"CREATE OR REPLACE {item.kind.upper()} {name}({text(item, 'arguments')})"
    result = f"\n RETURNS {text(item, 'result')}" if text(item, "result") else ""
    words = [f"LANGUAGE {text(item, 'language')}"]
    if item.kind == "function":
        words.append(text(item, "volatility").upper())
        words += ["WINDOW"] * bool(item.attributes.get("window"))
        words += ["STRICT"] * bool(item.attributes.get("strict"))
        words += ["LEAKPROOF"] * bool(item.attributes.get("leakproof"))
        words.append(f"PARALLEL {text(item, 'parallel').upper()}")
        words += [f"{word.upper()} {text(item, word)}" for word in ("cost", "rows") if text(item, word)]
    words += ["SECURITY DEFINER"] * bool(item.attributes.get("security"))
    settings = "".join(
        f"\n SET {setting.replace('=', ' TO ', 1)}" for setting in listed(item.attributes.get("settings"))
    )
    body = text(item, "body")
    if item.attributes.get("sql body"):
        return f"{head}{result}\n {' '.join(words)}{settings}\n{body};"
    mark = _SQL_STRING if _SQL_STRING not in body else "$datamask_body$"
    if library := text(item, "library"):
        return f"{head}{result}\n {' '.join(words)}{settings}\nAS {quote_literal(library)}, {quote_literal(body)};"
    return f"{head}{result}\n {' '.join(words)}{settings}\nAS {mark}{body}{mark};"


def trigger(item: SchemaObject) -> str:
    """A trigger, enabled or not."""
    state = enabling(item, text(item, "enabled")) if text(item, "enabled") else ""
    return "\n".join(filter(None, (_definition(item), state)))


def enabling(item: SchemaObject, state: str) -> str:
    """What makes a trigger fire as it should; empty stands for the usual."""
    word = {"": "ENABLE", "no": "DISABLE", "always": "ENABLE ALWAYS"}.get(state, "ENABLE REPLICA")
    return f"ALTER TABLE {container_name(item)} {word} TRIGGER {last_name(item)};"


def ownership(item: SchemaObject) -> str:
    """Which column a sequence goes with."""
    return f"ALTER SEQUENCE {item.name} OWNED BY {text(item, 'owned by')};"


def sequence(item: SchemaObject) -> str:
    """A sequence at its start."""
    cycle = " CYCLE" if item.attributes.get("cycle") else ""
    return (
        f"CREATE SEQUENCE {item.name} AS {text(item, 'type')} INCREMENT BY {text(item, 'increment')}"
        f" MINVALUE {text(item, 'minimum')} MAXVALUE {text(item, 'maximum')} START WITH {text(item, 'start')}"
        f" CACHE {text(item, 'cache')}{cycle};"
    )


def _type(item: SchemaObject) -> str | None:
    match text(item, "kind"):
        case "enum":
            labels = ", ".join(
                quote_literal(label).strip() for label in listed(item.attributes.get("labels"))
            )
            return f"CREATE TYPE {item.name} AS ENUM ({labels});"
        case "composite":
            return f"CREATE TYPE {item.name} AS ({', '.join(listed(item.attributes.get('attributes')))});"
        case "domain":
            default = f" DEFAULT {value}" if (value := text(item, "default")) else ""
            not_null = " NOT NULL" if item.attributes.get("not null") else ""
            return f"CREATE DOMAIN {item.name} AS {text(item, 'base')}{default}{not_null};"
        case "range":
            return f"CREATE TYPE {item.name} AS RANGE (SUBTYPE = {text(item, 'subtype')});"
    return None


def policy(item: SchemaObject) -> str:
    """A policy of row-level security."""
    kind = " AS RESTRICTIVE" if item.attributes.get("restrictive") else ""
    using = f" USING ({condition})" if (condition := text(item, "using")) else ""
    check = f" WITH CHECK ({condition})" if (condition := text(item, "check")) else ""
    roles = ", ".join(listed(item.attributes.get("roles")))
    return (
        f"CREATE POLICY {last_name(item)} ON {container_name(item)}{kind} FOR {text(item, 'command').upper()}"
        f" TO {roles}{using}{check};"
    )


def grant(item: SchemaObject) -> str | None:
    """A grant; None where it is one that people must think about."""
    kind, name = granted_on(item)
    grantee = item.name.rpartition(" to ")[2]
    given = listed(item.attributes.get("privileges"))
    if kind is None or grantee == "its owner":
        return None
    if not given:
        return f"REVOKE ALL ON {kind} {name} FROM {grantee};"
    further = [privilege.removesuffix(_FURTHER) for privilege in given if privilege.endswith(_FURTHER)]
    plain = [privilege for privilege in given if not privilege.endswith(_FURTHER)]
    lines = [f"GRANT {', '.join(plain)} ON {kind} {name} TO {grantee};"] if plain else []
    lines += (
        [f"GRANT {', '.join(further)} ON {kind} {name} TO {grantee} WITH GRANT OPTION;"] if further else []
    )
    return "\n".join(lines)


def granted_on(item: SchemaObject) -> tuple[str | None, str]:
    """The words of GRANT for what a grant is on, None for a kind that they cannot be put together for."""
    for kind, words in GRANTED_ON.items():
        if item.of is not None and item.of.startswith(f"{kind} "):
            return words, item.of.removeprefix(f"{kind} ")
    return None, ""


def _extension(item: SchemaObject) -> str:
    return (
        f"CREATE EXTENSION {item.name} WITH SCHEMA {text(item, 'schema')} VERSION "
        f"{quote_literal(text(item, 'version')).strip()};"
    )


BY_KIND: dict[str, Callable[[SchemaObject], str | None]] = {
    "schema": lambda item: f"CREATE SCHEMA {item.name};",
    "extension": _extension,
    "type": _type,
    "column": _column,
    "constraint": constraint,
    "index": _definition,
    "trigger": trigger,
    "rule": _definition,
    "statistics": _definition,
    "view": view,
    "materialized view": view,
    "function": routine,
    "procedure": routine,
    "sequence": sequence,
    "policy": policy,
    "grant": grant,
}
"""What makes an object of a kind, or None where it cannot; tables need their columns, see ``table``."""
