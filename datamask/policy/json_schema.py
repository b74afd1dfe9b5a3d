"""The JSON Schemas of policy and classification files, for editors: every class and transform with its parameters."""

from __future__ import annotations

from datamask.classify.classes import CLASSES
from datamask.config.json_schema import DIALECT, Schema, closed, described
from datamask.masking import registry
from datamask.masking.model import JSONValue
from datamask.masking.params import Param
from datamask.policy.model import AUTO, KEEP
from datamask.policy.pack import pack_names

_RULE: Schema = {"$ref": "#/$defs/rule"}
_TEXT: Schema = {"type": "string", "minLength": 1}
_TEXTS: Schema = {"type": "array", "items": _TEXT, "minItems": 1}

_KINDS: dict[str, Schema] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "duration": {"type": "string", "pattern": "^[0-9]{1,6} ?[dwmy]$"},
    "locale": {"type": "string", "pattern": "^[a-z]{2,3}(_[A-Z]{2})?$"},
    "scalar": {"type": ["string", "number", "boolean"]},
    "texts": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    "numbers": {"type": "array", "items": {"type": "number"}, "minItems": 1},
    "mapping": {"type": "object", "minProperties": 1},
    "rule": _RULE,
    "rules": {"type": "object", "minProperties": 1, "additionalProperties": _RULE},
    "file": _TEXT,
}


def policy_schema() -> Schema:
    """The schema of a policy file."""
    choice: Schema = {"anyOf": [_RULE, {"type": "array", "items": _RULE, "minItems": 1}]}
    return {
        "$schema": DIALECT,
        "title": "datamask policy",
        **closed(
            {
                "version": {"const": 1},
                "name": _TEXT,
                "extends": described(_TEXT, f"A pack ({', '.join(pack_names())}), or another policy's path."),
                "unclassified": {"enum": ["refuse", "mask", "keep"]},
                "documents": {
                    "type": "object",
                    "properties": {"unknown": {"enum": ["redact", "drop", "keep"]}},
                    "additionalProperties": False,
                },
                "classes": {
                    "type": "object",
                    "propertyNames": {"enum": list(CLASSES)},
                    "additionalProperties": choice,
                },
                "columns": {"type": "object", "additionalProperties": choice},
                "tables": {
                    "type": "object",
                    "additionalProperties": closed(
                        {
                            "rows": {"const": "none"},
                            "where": _TEXT,
                            "sample": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
                        }
                    ),
                },
                "references": _TEXTS,
            },
            ("version",),
        ),
        "$defs": {"rule": _rule()},
    }


def classification_schema() -> Schema:
    """The schema of a classification file."""
    data_class: Schema = {
        "oneOf": [{"const": known.name, "description": known.description} for known in CLASSES.values()]
    }
    document: Schema = closed({"json": {"type": "object", "additionalProperties": data_class}}, ("json",))
    return {
        "$schema": DIALECT,
        "title": "datamask classification",
        **closed(
            {
                "version": {"const": 1},
                "tables": {
                    "type": ["object", "null"],
                    "additionalProperties": {
                        "type": ["object", "null"],
                        "additionalProperties": {"anyOf": [data_class, document]},
                    },
                },
            },
            ("version",),
        ),
    }


def _rule() -> Schema:
    """A transform by its name, or with parameters and what every rule may have."""
    words: list[Schema] = [{"const": KEEP}, {"const": AUTO}, {"type": "null"}]
    whole: dict[str, Schema] = {
        "domain": described(_TEXT, "Columns of one domain map equal values to equal pseudonyms."),
        "when": described(_TEXT, "Only rows for which this holds are masked."),
        "except": described(_TEXTS, "Values that stay: exact ones, patterns with * and ?, @host."),
        "preserve": {"type": "array", "items": {"enum": ["null", "empty", "case", "length"]}},
        KEEP: {"type": "null"},
        AUTO: {"type": "null"},
    }
    for name in registry.names():
        transform = registry.get(name)
        words.append({"const": name, "description": transform.summary})
        whole[name] = described(_parameters(transform.params), transform.summary)
    return {"anyOf": [{"oneOf": words}, closed(whole)]}


def _parameters(params: tuple[Param, ...]) -> Schema:
    schema = closed(
        {param.name: _parameter(param) for param in params},
        tuple(param.name for param in params if param.required),
    )
    return {**schema, "type": ["object", "null"]}


def _parameter(param: Param) -> Schema:
    schema: Schema = {**_KINDS[param.kind], "description": param.summary}
    if param.choices:
        schema["enum"] = list(param.choices)
    if param.kind in {"integer", "number"}:
        if param.minimum is not None:
            schema["minimum"] = param.minimum
        if param.maximum is not None:
            schema["maximum"] = param.maximum
    default: JSONValue = param.default
    if default is not None:
        schema["default"] = default
    return schema
