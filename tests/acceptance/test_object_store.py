"""A project whose snapshots live in a bucket, as its user types it."""

from __future__ import annotations

import os
import signal
import time

import pytest
from support.buckets import s3_server
from support.command_line import CommandLine

from datamask.db.session import connect


@pytest.fixture(scope="module")
def s3():
    with s3_server() as running:
        yield running


@pytest.fixture
def bucket(s3):
    return s3.new_bucket()


@pytest.fixture
def shop_in_bucket(adopted, s3, bucket) -> CommandLine:
    """The project with an adopted dev, its store empty and in a bucket."""
    adopted.environ.update(s3.environ)
    adopted.environ["DATAMASK_STORE"] = f"s3://{bucket}/shop"
    return adopted


def take(run: CommandLine) -> dict:
    return run.ok("snapshot", "production", "--policy", "policies/dev.yaml", "--json").json


def customers(run: CommandLine) -> list:
    with connect(run.environ["DEV_URL"]) as session:
        return session.rows("SELECT id, email FROM public.customers ORDER BY id")


def spoil(s3, bucket, key):
    client = s3.client()
    content = bytearray(client.get_object(Bucket=bucket, Key=key)["Body"].read())
    content[len(content) // 2] ^= 1
    client.put_object(Bucket=bucket, Key=key, Body=bytes(content))


@pytest.mark.slow
def test_the_whole_story_in_a_bucket(shop_in_bucket, s3, bucket):
    run = shop_in_bucket
    first = take(run)
    assert first["folder"] == f"s3://{bucket}/shop/{first['id']}"
    # Nothing of the snapshot is here, but for the manifest that was read again.
    assert not [path for path in run.folder.rglob("*.parquet") if "snapshots" not in path.parts]
    listed = run.ok("snapshots", "list", "--json").json
    assert listed["store"] == f"s3://{bucket}/shop"
    assert [item["id"] for item in listed["snapshots"]] == [first["id"]]
    assert run.ok("snapshots", "show", "latest", "--json").json["digest"] == first["digest"]
    assert run.ok("snapshots", "verify", first["id"][:12], "--json").json["intact"] is True
    assert "can be listed, read, written and deleted from" in run("doctor").out
    loaded = run.ok("load", "latest", "dev", "--json").json
    assert loaded["snapshot"] == first["id"]
    before = customers(run)
    assert len(before) > 10
    with connect(run.environ["DEV_URL"]) as session:
        session.script(
            "DELETE FROM public.order_items; UPDATE public.customers SET email = 'x@example.org' WHERE id = 1"
        )
    assert run.ok("reset", "dev", "--json").json["snapshot"] == first["id"]
    assert customers(run) == before
    second = take(run)
    assert run.ok("snapshots", "diff", first["id"], second["id"], "--json").json["same"] is True
    # What an environment holds is not pruned.
    run.ok("load", "latest", "dev")
    pruned = run.ok("snapshots", "prune", "--keep", "1", "--json").json
    assert (pruned["removed"], pruned["kept"]) == ([first["id"]], [second["id"]])
    assert not s3.keys(bucket, f"shop/{first['id']}")
    run.ok("snapshots", "delete", second["id"], "--yes")
    assert s3.keys(bucket) == []
    assert "holds no snapshot yet" in run.ok("snapshots", "list").out
    actions = {entry["action"] for entry in run.ok("audit", "log", "--json").json["records"]}
    assert {"snapshot", "load", "reset", "snapshot delete"} <= actions


def test_a_snapshot_goes_to_a_bucket_and_comes_back(shop_in_bucket, s3, bucket):
    """The quick one of all those below."""
    run = shop_in_bucket
    taken = take(run)
    assert f"shop/{taken['id']}/manifest.json" in s3.keys(bucket)
    assert run.ok("load", "latest", "dev", "--json").json["snapshot"] == taken["id"]
    before = customers(run)
    assert len(before) > 10
    # The golden is there, so the bucket need not be.
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    assert run.ok("reset", "dev", "--json", **nowhere).json["snapshot"] == taken["id"]
    assert customers(run) == before


@pytest.mark.slow
def test_damage_in_the_bucket_never_reaches_a_database(shop_in_bucket, s3, bucket):
    run = shop_in_bucket
    taken = take(run)
    part = next(key for key in s3.keys(bucket) if "public.customers/" in key)
    spoil(s3, bucket, part)
    done = run("load", "latest", "dev")
    assert done.code == 5
    assert "its checksum differs" in done.message
    with connect(run.environ["DEV_URL"]) as session:
        assert session.value("SELECT n FROM public.mine") == 1
    done = run("snapshots", "verify", "latest", "--json")
    assert done.code == 5
    assert done.json["damage"] == [{"path": part.split("/", 2)[2], "problem": "changed"}]
    s3.client().delete_object(Bucket=bucket, Key=part)
    done = run("load", "latest", "dev")
    assert done.code == 5
    assert f"snapshot {taken['id']} is damaged" in done.message


@pytest.mark.slow
def test_a_killed_snapshot_leaves_nothing_that_anyone_sees(shop_in_bucket, s3, bucket):
    run = shop_in_bucket
    process = run.start("snapshot", "production", "--policy", "policies/dev.yaml", "--max-rows", "50")
    while not [key for key in s3.keys(bucket) if key.endswith(".parquet")]:
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert run.ok("snapshots", "list", "--json").json["snapshots"] == []
    assert s3.keys(bucket)
    # It may be alive, for all that the bucket knows.
    assert run.ok("snapshots", "prune", "--keep", "1", "--json").json["swept"] == []
    assert s3.keys(bucket)
    assert run("load", "latest", "dev").code == 2
    take(run)
    assert len(run.ok("snapshots", "list", "--json").json["snapshots"]) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"DATAMASK_STORE": "s3://no-such-bucket"}, 1, "there is no such bucket"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, 1, "the server cannot be reached"),
        ({"DATAMASK_STORE": "ftp://somewhere"}, 2, "none that datamask knows"),
    ],
)
def test_a_bucket_that_cannot_be_used_is_one_clear_error(shop_in_bucket, change, code, said):
    done = shop_in_bucket("snapshot", "production", "--policy", "policies/dev.yaml", **change)
    assert done.code == code, done.err
    assert said in done.message


@pytest.mark.slow
def test_a_snapshot_is_carried_from_one_store_to_another(shop_in_bucket, s3, bucket):
    run = shop_in_bucket
    taken = take(run)
    out = run.ok("snapshots", "export", "latest", "shop.tar").out
    assert taken["digest"] in out
    assert run("snapshots", "export", "latest", "shop.tar").code == 2
    run.ok("snapshots", "export", "latest", "carried")
    empty = {"DATAMASK_STORE": "elsewhere"}
    wrong = run("snapshots", "import", "shop.tar", "--digest", "0" * 64, **empty)
    assert (wrong.code, run.ok("snapshots", "list", "--json", **empty).json["snapshots"]) == (5, [])
    done = run.ok("snapshots", "import", "shop.tar", "--digest", taken["digest"], "--json", **empty).json
    assert (done["id"], done["digest"], done["new"]) == (taken["id"], taken["digest"], True)
    assert run.ok("snapshots", "import", "carried", "--json", **empty).json["new"] is False
    assert run.ok("snapshots", "verify", "latest", "--json", **empty).json["intact"] is True
    # And back into a bucket.
    again = {"DATAMASK_STORE": f"s3://{bucket}/again"}
    run.ok("snapshots", "import", "shop.tar", **again)
    assert run.ok("snapshots", "verify", taken["id"], "--json", **again).json["digest"] == taken["digest"]
    assert run.ok("load", taken["id"], "dev", "--json", **again).json["digest"] == taken["digest"]
