"""What a load refuses, each rail by itself; and that nothing has changed then."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command_line import CommandLine, Done
from support.digests import row_counts

from datamask.db.session import connect
from datamask.load.server import open_server


def require_untouched(run: CommandLine) -> None:
    assert row_counts(run.environ["DEV_URL"]) == {"public.mine": 1}


def load(run: CommandLine, *more: str) -> Done:
    return run("load", "latest", "dev", *more)


def snapshot_folder(run: CommandLine) -> Path:
    return next(path for path in (run.folder / "snapshots").iterdir() if path.name[0] != ".")


def test_protected(project: CommandLine) -> None:
    for command in (
        ("load", "latest", "production"),
        ("reset", "production"),
        ("env", "adopt", "production"),
    ):
        done = project(*command)
        assert done.code == 3
        assert done.message == (
            "error: environment production is protected: it is only ever read\n"
            "hint: load into another environment; a tier is changed in datamask.yaml alone"
        )


def test_shared_without_confirmation(project: CommandLine) -> None:
    done = project("load", "latest", "staging")
    assert done.code == 3
    assert done.message == (
        "error: environment staging is shared: replacing its data needs a confirmation\n"
        "hint: add --confirm staging"
    )


def test_another_environment_confirmed(project: CommandLine) -> None:
    done = project("load", "latest", "staging", "--confirm", "dev")
    assert done.code == 2
    assert done.message.startswith("error: --confirm says 'dev', but the environment is 'staging'\n")


def test_database_that_was_not_adopted(adopted: CommandLine) -> None:
    with connect(adopted.environ["DEV_URL"]) as session:
        name = session.info.database
        session.script(f'comment on database "{name}" is null')
    done = load(adopted)
    assert done.code == 3
    assert done.message == (
        f"error: database {name} has not been adopted as environment dev\n"
        "hint: if its data may be replaced, say so once: datamask env adopt dev"
    )
    require_untouched(adopted)


def test_database_that_is_not_there(project: CommandLine) -> None:
    done = load(project)
    assert done.code == 3
    assert done.message.startswith("error: there is no database dev_")
    assert "hint: datamask env adopt dev --create makes an empty one" in done.message


def test_database_of_another_environment(adopted: CommandLine) -> None:
    adopted.environ["STAGING_URL"] = adopted.environ["DEV_URL"]
    for command in (("load", "latest", "staging", "--confirm", "staging"), ("env", "adopt", "staging")):
        done = adopted(*command)
        assert done.code == 3
        assert "is marked as environment dev, not staging" in done.message
    require_untouched(adopted)


def test_target_that_is_the_source(project: CommandLine, database) -> None:
    url = database()
    with connect(url) as session:
        session.script("create table public.mine (n int); insert into public.mine values (1)")
    # One database under two addresses.
    other = f"{url} application_name=other"
    environ = {"PRODUCTION_URL": url, "DEV_URL": other}
    done = project("env", "adopt", "dev", **environ)
    assert done.code == 3
    assert done.message == (
        "error: the database of environment dev is the protected environment production\n"
        "hint: check the url of dev; nothing was written"
    )
    with connect(url) as session:
        session.script(
            f'comment on database "{session.info.database}" is \'datamask: {{"environment": "dev"}}\''
        )
    done = project("load", "latest", "dev", **environ)
    assert done.code == 3
    assert "the database of environment dev is the protected environment production" in done.message
    assert row_counts(url) == {"public.mine": 1}


def test_policy_that_the_environment_does_not_accept(adopted: CommandLine) -> None:
    adopted.edit("datamask.yaml", "baseline: latest:staging", "keep_previous: false")
    snapshot = snapshot_folder(adopted).name
    done = adopted("load", snapshot, "dev")
    assert done.code == 3
    assert done.message.startswith(
        f"error: snapshot {snapshot} was masked by policy 'staging', and environment dev accepts 'dev'\n"
    )
    require_untouched(adopted)


def test_two_loads_at_once(adopted: CommandLine) -> None:
    with (
        open_server(adopted.environ["DEV_URL"]) as server,
        server.lock(f"datamask environment {server.target}", what="dev", deadline=0),
    ):
        done = load(adopted)
        assert done.code == 3
        assert done.message == (
            "error: another datamask is working on environment dev right now\n"
            "hint: wait until it is done; its lock ends with its process"
        )
        require_untouched(adopted)
    assert load(adopted).code == 0


def test_two_loads_started_together(adopted: CommandLine) -> None:
    processes = [adopted.start("load", "latest", "dev") for _ in range(2)]
    ended = [(process, process.communicate(timeout=120)[1]) for process in processes]
    codes = sorted(process.returncode for process, _ in ended)
    assert codes[0] == 0
    assert codes[1] in {0, 3}, ended
    assert row_counts(adopted.environ["DEV_URL"]) == row_counts(adopted.environ["PRODUCTION_URL"])


@pytest.mark.parametrize("damage", ["flipped byte", "missing file", "unknown file"])
def test_damaged_snapshot(adopted: CommandLine, damage: str) -> None:
    folder = snapshot_folder(adopted)
    file = max(folder.rglob("*.parquet"), key=lambda path: path.stat().st_size)
    problem = {"flipped byte": "changed", "missing file": "missing", "unknown file": "unknown"}[damage]
    if damage == "flipped byte":
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif damage == "missing file":
        file.unlink()
    else:
        file = folder / "data" / "more.parquet"
        file.touch()
    name = file.relative_to(folder).as_posix()
    # A golden of the snapshot, which other tests may have left, does not make up for its files.
    verified = adopted("snapshots", "verify", "latest", "--json")
    assert verified.code == 5
    assert verified.json["intact"] is False
    assert verified.json["damage"] == [{"path": name, "problem": problem}]
    assert name in adopted("snapshots", "verify", "latest").out
    done = load(adopted)
    assert done.code == 5
    assert done.message == (
        f"error: snapshot {folder.name} is damaged: {name} ({problem})\n"
        "hint: restore the files from a backup, or take the snapshot again"
    )
    require_untouched(adopted)


def test_changed_manifest(adopted: CommandLine) -> None:
    manifest = snapshot_folder(adopted) / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"policy": "staging"', '"policy": "dev"'))
    done = adopted("load", snapshot_folder(adopted).name, "dev")
    assert done.code == 5
    assert done.message == (
        f"error: {manifest} is damaged: it is not what was written\n"
        "hint: take the snapshot again, or restore the file"
    )
    listed = adopted.ok("snapshots", "list", "--json").json
    assert [item["id"] for item in listed["unreadable"]] == [snapshot_folder(adopted).name]
    require_untouched(adopted)


def test_newer_format(adopted: CommandLine) -> None:
    manifest = snapshot_folder(adopted) / "manifest.json"
    content = json.loads(manifest.read_text())
    content["format"] += 1
    manifest.write_text(json.dumps(content))
    done = adopted("snapshots", "verify", snapshot_folder(adopted).name)
    assert done.code == 5
    assert done.message == (
        f"error: {manifest} has format {content['format']}, and this datamask reads format {content['format'] - 1}\n"
        "hint: use the datamask that wrote it, or a newer one"
    )


def test_unknown_snapshot(adopted: CommandLine) -> None:
    done = adopted("load", "1999", "dev")
    assert done.code == 2
    assert done.message.startswith(
        f"error: there is no snapshot '1999' in {adopted.folder / 'snapshots'}\nhint: "
    )
    require_untouched(adopted)


def test_environment_without_a_baseline(adopted: CommandLine) -> None:
    adopted.edit("datamask.yaml", "baseline: latest:staging", "keep_previous: false")
    done = adopted("reset", "dev")
    assert done.code == 2
    assert done.message.startswith("error: environment dev has no baseline to go back to\n")
    require_untouched(adopted)
