"""The documentation is true: its commands run, its links lead somewhere, its map shows the whole house."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest
from support.forked import forked
from support.house_map import HOUSE, with_modules

from datamask.db.embedded import EmbeddedServer
from datamask.db.session import connect
from datamask.demo.shop import create_shop
from datamask.masking.keys import new_key

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])

# The test's own addresses stand in for those that a page shows.
GIVEN = ("PRODUCTION_URL", "STAGING_URL")

# Commands that other tests run: the whole story takes a while, CI's own job is this test's job.
RUN_ELSEWHERE = re.compile(r"make (demo|test|help)|(?:\.venv/bin/)?datamask demo\b")

BLOCK = re.compile(r"^```(?P<kind>[a-z]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)(?P<target>[^)#]+)(?:#[^)]*)?\)")
STATUS = re.compile(r"\s+# exit status (?P<status>\d)$")
REMARK = re.compile(r"\s{2,}# .*$")


def blocks(page: Path, kind: str) -> Iterator[str]:
    for match in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if match["kind"] == kind:
            yield match["text"]


def commands(page: Path) -> list[tuple[str, int]]:
    """What a page's console blocks have the reader type, with the status that it ends with."""
    found = []
    for block in blocks(page, "console"):
        lines = iter(block.replace("\\\n", "").splitlines())
        for line in lines:
            if line.startswith("$ "):
                status = STATUS.search(line)
                command = REMARK.sub("", STATUS.sub("", line[2:]))
                if command.endswith("<<'END'"):
                    # The reader types the file, too.
                    command = "\n".join([command, *takewhile(lambda text: text != "END", lines), "END"])
                found.append((command, int(status["status"]) if status else 0))
    return [(command, status) for command, status in found if not RUN_ELSEWHERE.search(command)]


def script(page: Path) -> str:
    """The commands as one shell script that ends at the first one that does not end as it should."""
    lines = ["set -u"]
    for command, status in commands(page):
        if command.startswith(tuple(f"export {name}=" for name in GIVEN)):
            continue
        lines += [
            f"echo {shlex.quote('$ ' + command)}",
            command,
            f'status=$?; if [ $status -ne {status} ]; then echo "ended with status $status"; exit 99; fi',
        ]
    return "\n".join(lines) + "\n"


def run(text: str, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-c", text],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="session")
def addresses(server: EmbeddedServer) -> dict[str, str]:
    """A small production with a shop in it, and an empty staging, as environment variables."""
    production = server.ensure_database("docs_production")
    with connect(production) as session:
        create_shop(session, megabytes=0.5)
    return {
        **os.environ,
        "PATH": os.pathsep.join(
            [str(forked().programs), str(Path(sys.executable).parent), os.environ["PATH"]]
        ),
        "PRODUCTION_URL": production,
        "STAGING_URL": server.ensure_database("docs_staging"),
        "DATAMASK_KEY": new_key(),
    }


@pytest.fixture
def folder(tmp_path: Path, addresses: dict[str, str]) -> Iterator[Path]:
    """An empty folder; a server that its project starts is stopped."""
    yield from temporary_project(tmp_path / "shop", addresses)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, addresses: dict[str, str]) -> Iterator[Path]:
    """A project as the quickstart leaves it; pages share it, as a reader's project goes from page to page."""
    for home in temporary_project(tmp_path_factory.mktemp("docs") / "shop", addresses):
        run(
            "set -e; datamask init; datamask snapshot production --policy policies/staging.yaml;"
            "datamask env adopt staging",
            home,
            addresses,
        )
        yield home


def temporary_project(home: Path, addresses: dict[str, str]) -> Iterator[Path]:
    home.mkdir()
    yield home
    if (home / "datamask.yaml").exists():
        run("datamask env down", home, addresses)


WITH_COMMANDS = [page for page in PAGES if commands(page)]

# Of the pages' commands, acceptance tests type most too; the quick set runs what a reader begins with.
QUICK = frozenset({"README", "quickstart", "reset-dev", "configuration", "rotate-the-masking-key"})


def test_there_are_commands_to_run() -> None:
    assert len(WITH_COMMANDS) >= 7


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=() if page.stem in QUICK else pytest.mark.slow, id=page.stem)
        for page in WITH_COMMANDS
    ],
)
def test_commands_run(page: Path, addresses: dict[str, str], request: pytest.FixtureRequest) -> None:
    begins_with_nothing = "datamask init" in script(page)
    home: Path = request.getfixturevalue("folder" if begins_with_nothing else "project")
    run(script(page), home, addresses)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    missing = [
        match["target"] for match in LINK.finditer(text) if not (page.parent / match["target"]).exists()
    ]
    assert not missing


def test_every_page_is_on_the_map() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / match["target"]).resolve() for match in LINK.finditer(index.read_text("utf-8"))}
    pages = {page.resolve() for page in (ROOT / "docs").rglob("*.md")} - {index.resolve()}
    assert pages - linked == set()


def test_the_house_has_every_module() -> None:
    page = HOUSE.read_text(encoding="utf-8")
    assert page == with_modules(page), "run `make docs`"


def test_the_house_has_every_folder() -> None:
    page = HOUSE.read_text(encoding="utf-8")
    folders = {path.name for path in (ROOT / "datamask").iterdir() if (path / "__init__.py").exists()}
    beside = {
        f"tests/{path.name}"
        for path in (ROOT / "tests").iterdir()
        if path.is_dir() and path.name != "__pycache__"
    }
    assert {name for name in folders if not re.search(rf"^{name}\b|· {name}\b", page, re.MULTILINE)} == set()
    assert {name for name in beside if f"`{name}`" not in page} == set()


def test_words_of_the_configuration_are_known() -> None:
    """A YAML example that begins with a version is a file that datamask reads."""
    from datamask.config.document import parse_document
    from datamask.config.settings import read_settings

    examples = [
        (page, block)
        for page in PAGES
        for block in blocks(page, "yaml")
        if block.startswith("version:") and "environments:" in block
    ]
    assert examples
    for page, block in examples:
        read_settings(parse_document(block, page))
