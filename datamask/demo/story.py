"""The demo: the main job from production to a reset, on a private PostgreSQL, by the commands that users type."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datamask.classify.classes import CLASSES
from datamask.commands.check import CheckedPolicy, check
from datamask.commands.discover import discover_columns
from datamask.commands.load import load, reset
from datamask.commands.preview import preview
from datamask.commands.project import Project, open_project
from datamask.commands.snapshot import snapshot
from datamask.commands.snapshots import verify_snapshot
from datamask.db.embedded import EmbeddedServer
from datamask.db.session import connect
from datamask.demo import shop
from datamask.demo.evidence import count_addresses, mail_domains, measure
from datamask.demo.folder import STATE, claim, write_project
from datamask.demo.production import create_production, release_new_column
from datamask.demo.screen import Screen
from datamask.errors import DatamaskError, VerificationError
from datamask.progress import Progress
from datamask.report.progress import watched
from datamask.report.table import Head, printable, shortened, terminal_width
from datamask.report.units import count, duration, size

# Enough that the work shows, little enough that two slow cores are done in half a minute.
MEGABYTES = 30.0

CLOSING = (
    "datamask check production",
    "datamask snapshots list",
    "datamask preview production orders",
    "datamask reset dev",
    "datamask env status",
    "datamask env up --show-url",
    "datamask env down",
)
"""What to try next, in the demo's folder."""

_PREVIEWED = {
    "customers": ("first_name", "last_name", "email", "phone", "birth_date"),
    "payments": ("card_holder", "card_number", "iban"),
    "support_tickets": ("body", "payload"),
}
# Characters of a value, on the widest terminal and on the narrowest; and what stands beside the two values.
_MOST_SHOWN, _LEAST_SHOWN = 48, 16
_BESIDE = 46


def run_demo(folder: Path, *, quiet: bool = False, megabytes: float = MEGABYTES) -> None:
    """Tell the whole story in a folder of its own; the server goes on running for the commands to try next.

    Can be run again and again: each run begins by removing what the one before left.

    :param folder: is made; one that is there must be an earlier demo's.
    :param quiet: print the last line only.
    :param megabytes: size of the shop as COPY text.
    :raises RefusedError: where the folder is somebody else's; nothing was touched.
    :raises VerificationError: where the outcome is not what the story claims.
    """
    _Story(folder.absolute(), quiet, megabytes).tell()


class _Story:
    """One telling."""

    def __init__(self, folder: Path, quiet: bool, megabytes: float) -> None:
        self._folder = folder
        self._quiet = quiet
        self._megabytes = megabytes
        self._screen = Screen(sys.stdout, quiet=quiet)
        self._policy = folder / "policies" / "staging.yaml"

    def tell(self) -> None:
        """From the first step to the commands to try next."""
        begun = time.monotonic()
        screen = self._screen
        screen.line(screen.style.bold("From production to a masked copy that resets in a moment"))
        screen.text("The shop is made up, and so is everyone in it: this story may show what it hides.")
        claim(self._folder)
        production = self._make_production()
        project = open_project(self._folder / "datamask.yaml")
        self._discover(project)
        self._check(project, production)
        self._preview(project)
        snapshot_id = self._snapshot(project)
        self._verify(project, snapshot_id)
        self._load(project, production)
        self._first_reset(project)
        self._spoil_and_reset(project)
        self._closing()
        print(
            f"demo finished in {duration(time.monotonic() - begun)}: {self._shown(self._folder)}", flush=True
        )

    def _make_production(self) -> str:
        screen = self._screen
        with screen.step("A production database, and a project about it"):
            server = EmbeddedServer(self._folder / STATE / "postgres")
            made = create_production(server, megabytes=self._megabytes)
            write_project(self._folder, made.conninfo)
            screen.good(
                f"PostgreSQL {server.status().major}, started for this demo alone: a shop of {made.customers:,} "
                f"customers and {made.orders:,} orders, {size(made.bytes)}"
            )
            screen.good(f"datamask.yaml and policies/staging.yaml in {self._shown(self._folder)}")
        return made.conninfo

    def _discover(self, project: Project) -> None:
        screen = self._screen
        with screen.step("What is personal?", "discover production --write"):
            found = discover_columns(project, "production", write=True)
            personal = sum(CLASSES[item.data_class].personal for item in found.proposals)
            tables = {item.table for item in found.proposals}
            screen.good(
                f"policies/classification.yaml: {count(len(found.proposals), 'column')} of "
                f"{count(len(tables), 'table')}, {personal} that are or may be personal"
            )
            screen.text("In earnest, somebody now reads that file, corrects it and commits it.")

    def _check(self, project: Project, production: str) -> None:
        screen = self._screen
        with screen.step("Is every column covered?", "check production"):
            column = release_new_column(production)
            screen.text(f"Last night a release added a column to production: {column}.")
            refused = check(project, "production")
            if refused.complete:
                raise VerificationError(f"the check let {column} pass, which no classification names")
            for finding in refused.policies[0].findings:
                if finding.severity == "error":
                    screen.stopped(
                        f"{finding.code} {finding.message}: no snapshot until somebody says what it holds"
                    )
            screen.command("datamask discover production --write")
            discover_columns(project, "production", write=True)
            screen.command("datamask check production")
            self._checked(check(project, "production").policies[0])

    def _checked(self, policy: CheckedPolicy) -> None:
        error = next((finding for finding in policy.findings if finding.severity == "error"), None)
        if error is not None:
            raise DatamaskError(
                f"the demo's policy does not fit: {error.code} {error.message}", hint=error.hint
            )
        masked = [column for column in policy.own_columns if column.transform != "keep"]
        warnings = sum(finding.severity == "warning" for finding in policy.findings)
        self._screen.good(
            f"{count(len(policy.own_columns), 'column')}: {len(masked)} masked, "
            f"{len(policy.own_columns) - len(masked)} kept, none forgotten; {count(warnings, 'warning')}"
        )
        for column in masked:
            if column.reason.startswith("foreign key"):
                self._screen.text(f"{column.table}.{column.column} is masked by the {column.reason}.")

    def _preview(self, project: Project) -> None:
        screen = self._screen
        rows: list[tuple[str, str, str, str]] = []
        width = max(_LEAST_SHOWN, min(_MOST_SHOWN, (terminal_width() - _BESIDE) // 2))
        with screen.step("What will it look like?", "preview production customers --show-originals"):
            for table, names in _PREVIEWED.items():
                shown = preview(project, "production", table, rows=1, show_originals=True)
                for column, cell in zip(shown.columns, shown.rows[0], strict=True):
                    if column.name in names and cell.original is not None and cell.masked is not None:
                        before, after = (
                            shortened(printable(value), width) for value in (cell.original, cell.masked)
                        )
                        rows.append((f"{table}.{column.name}", before, after, column.transform))
            dress = screen.style
            screen.table(
                [
                    Head("column"),
                    Head("before"),
                    Head("after", dress=dress.good),
                    Head("by", dress=dress.dim),
                ],
                rows,
            )

    def _snapshot(self, project: Project) -> str:
        screen = self._screen
        with screen.step("A masked snapshot", "snapshot production --policy policies/staging.yaml"):
            with self._progress() as progress:
                taken = snapshot(project, "production", policy=self._policy, progress=progress).manifest
            screen.good(
                f"{taken.id}: {count(taken.rows, 'row')}, {size(taken.text_bytes)} as text and {size(taken.bytes)} in "
                "the store, masked before anything was written"
            )
        return taken.id

    def _verify(self, project: Project, snapshot_id: str) -> None:
        with self._screen.step("Is the artifact whole?", "snapshots verify latest"):
            verified = verify_snapshot(project, snapshot_id)
            if verified.damage:
                raise VerificationError(f"snapshot {snapshot_id} is damaged: {verified.damage[0].path}")
            self._screen.good(f"{count(verified.files, 'file')}, each as the manifest says")

    def _load(self, project: Project, production: str) -> None:
        screen = self._screen
        with screen.step("Into staging", "load latest staging --confirm staging"):
            with self._progress() as progress:
                loaded = load(project, "latest", "staging", confirm="staging", progress=progress)
            screen.good(
                f"{count(loaded.manifest.rows, 'row')}, every index, constraint, trigger and view, in "
                f"{duration(loaded.seconds)}; staging was the old database until all of it was in place"
            )
            domains = mail_domains(production)
            before = count_addresses(production, domains)
            left = count_addresses(project.conninfo(project.environment("staging")), domains)
            if left or not before:
                raise VerificationError(
                    f"{left} of {before} e-mail addresses of customers are left in staging"
                )
            screen.good(
                f"customers' e-mail addresses, searched for in all columns of all tables: {before:,} in production, "
                f"{left} in staging"
            )

    def _first_reset(self, project: Project) -> None:
        with self._screen.step("The same for a developer", "reset dev"):
            with self._progress() as progress:
                done = reset(project, "dev", progress=progress)
            self._screen.good(
                f"dev holds snapshot {done.manifest.id} too, a copy of its own, in {duration(done.seconds)}"
            )

    def _spoil_and_reset(self, project: Project) -> None:
        screen = self._screen
        conninfo = project.conninfo(project.environment("dev"))
        with screen.step("An afternoon later", "reset dev"):
            before = measure(conninfo)
            with connect(conninfo) as session:
                damage = shop.spoil(session)
            screen.stopped(f"somebody {damage}")
            spoiled = measure(conninfo)
            with self._progress() as progress:
                done = reset(project, "dev", progress=progress)
            after = measure(conninfo)
            screen.table(
                [
                    Head("dev"),
                    Head("before", right=True),
                    Head("spoiled", right=True, dress=screen.style.bad),
                    Head("after the reset", right=True, dress=screen.style.good),
                ],
                [(name, before[name], spoiled[name], after[name]) for name in before],
            )
            if after != before:
                raise VerificationError("dev is not again what it was before")
            screen.good(f"as it was, in {duration(done.seconds)}")

    def _closing(self) -> None:
        screen = self._screen
        screen.line()
        screen.line(screen.style.bold("Try next"))
        screen.command(f"cd {shlex.quote(self._shown(self._folder))}")
        if shutil.which("datamask") is None:
            screen.command(f'export PATH="{Path(sys.executable).parent}:$PATH"')
        for command in CLOSING:
            screen.command(command)
        screen.text(
            "The server goes on running until the last of these. To be rid of it all, delete the folder then."
        )
        screen.line()

    @contextmanager
    def _progress(self) -> Iterator[Progress]:
        with watched(sys.stderr, quiet=self._quiet) as progress:
            yield progress

    def _shown(self, path: Path) -> str:
        """The path as one types it where the demo was started."""
        relative = os.path.relpath(path)
        return str(path) if relative.startswith("..") else relative
