"""The JSON Schema of ``datamask.yaml``, for editors: completion and the first complaints while typing."""

from __future__ import annotations

from datamask.config import audit, drift, gates, hooks, jobs, metrics, notify, registry, reset
from datamask.config.settings import LOG_FORMATS, TIERS

Schema = dict[str, object]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TEXT: Schema = {"type": "string", "minLength": 1}
_BOOLEAN: Schema = {"type": "boolean"}
_SIZE: Schema = {"type": ["integer", "string"], "description": "Bytes, or a size such as 32MB."}
_NAME: Schema = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,39}$"}
_REFERENCE: Schema = {
    "type": "string",
    "pattern": "^(env|file|command|keyring):.+",
    "description": "A reference to a secret: env:NAME, file:PATH, command:PROGRAM … or keyring:SERVICE/NAME.",
}


def described(schema: Schema, description: str) -> Schema:
    """A schema with what its value is for."""
    return {**schema, "description": description}


def closed(properties: dict[str, Schema], required: tuple[str, ...] = ()) -> Schema:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def environment_properties() -> dict[str, Schema]:
    """The keys of an environment, in ``datamask.yaml`` and in ``datamask.ENV.yaml``."""
    return {
        "url": described(_TEXT, "A reference, a libpq connection string without a password, or embedded."),
        "tier": {
            "enum": list(TIERS),
            "description": "protected is only ever read, shared takes --confirm, disposable is replaced as told.",
        },
        "policy": described(_TEXT, "The policy file that says what this environment may see."),
        "baseline": described(_TEXT, "What reset goes back to until a load says otherwise: latest:staging."),
        "accepts": {
            "type": ["array", "string"],
            "items": _TEXT,
            "description": "Names of other policies whose snapshots it takes.",
        },
        "golden": described(
            _BOOLEAN, "Keep each snapshot as a template database, so that a reset is a clone."
        ),
        "spare": described(_BOOLEAN, "Make the next reset's clone in advance, so that a reset is a rename."),
        "keep_previous": described(_BOOLEAN, "Keep what a load or reset replaced, for reset --undo."),
        "drift": drift.SCHEMA,
        "gates": gates.SCHEMA,
        "reset": reset.RESET_SCHEMA,
        "after_load": hooks.STEPS_SCHEMA,
        "hooks": hooks.HOOKS_SCHEMA,
        "extensions": reset.EXTENSIONS_SCHEMA,
        "like": described(_NAME, "Another environment whose settings this one has, but for its url."),
    }


def snapshot_properties() -> dict[str, Schema]:
    """The keys of ``snapshot``."""
    return {
        "chunk_size": described(_SIZE, "Of a table, what one piece of work reads; by default 32MB."),
        "compression_level": {"type": "integer", "minimum": 1, "maximum": 22, "description": "Of zstd."},
        "max_rows_per_second": {"type": "integer", "minimum": 1, "description": "Over all workers."},
        "max_bytes_per_second": described(_SIZE, "Over all workers, of COPY text."),
        "try": described(_BOOLEAN, "Try constraints on masked samples before anything is written."),
    }


def project_properties() -> dict[str, Schema]:
    """The keys of ``datamask.yaml``."""
    return {
        "version": {"const": 1},
        "project": described(_NAME, "A name for messages and embedded databases."),
        "store": described(
            _TEXT, "The folder of snapshots, or a bucket: s3://bucket/prefix, gs://…, az://…."
        ),
        "masking_key": _REFERENCE,
        "classification": described(_TEXT, "The classification file."),
        "workers": {"type": "integer", "minimum": 1, "maximum": 1024, "description": "Processes at once."},
        "snapshot": closed(snapshot_properties()),
        "environments": {
            "type": "object",
            "propertyNames": _NAME,
            "minProperties": 1,
            "additionalProperties": closed(environment_properties()),
        },
        "approvers": {
            "type": "object",
            "propertyNames": _NAME,
            "additionalProperties": {"type": "string", "pattern": "^ed25519:[A-Za-z0-9+/]{43}=$"},
            "description": "Public signing keys by name, from `datamask approve new-key`.",
        },
        "audit": audit.SCHEMA,
        "drift": drift.SCHEMA,
        "accepted": described(_TEXT, "The file of accepted findings."),
        "scenarios": described(_TEXT, "The folder of scenario files, fixtures/scenarios by default."),
        "registry": registry.SCHEMA,
        "jobs": jobs.SCHEMA,
        "notify": notify.SCHEMA,
        "metrics": metrics.SCHEMA,
        "log": {"enum": list(LOG_FORMATS), "description": "How runs tell what they do; text or JSON lines."},
    }


def configuration_schema() -> Schema:
    """The whole schema."""
    return {
        "$schema": DIALECT,
        "title": "datamask.yaml",
        **closed(project_properties(), ("version", "environments")),
    }
