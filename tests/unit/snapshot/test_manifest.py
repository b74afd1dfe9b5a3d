from __future__ import annotations

import json

import pytest
from support.manifests import manifest

from datamask.errors import VerificationError
from datamask.snapshot import manifest as manifests

WHERE = "/store/x/manifest.json"


def reread(content: dict) -> manifests.Manifest:
    return manifests.load(json.dumps(content).encode(), where=WHERE)


def stored() -> dict:
    return json.loads(manifests.dump(manifest()))


def test_what_was_stored_is_read_again():
    made = manifest()
    assert manifests.load(manifests.dump(made), where=WHERE) == made
    assert reread(stored()) == made


def test_totals_are_sums_over_the_tables():
    made = manifest()
    assert (made.rows, made.text_bytes, made.masked_columns) == (3, 60, 1)
    assert made.bytes == made.schema_bytes + 4
    assert [file.path for file in made.files] == ["data/0000-public.t/00000-000.parquet"]


def test_the_digest_is_stored_beside_the_content():
    made = manifest()
    assert stored()["digest"] == made.digest
    assert len(made.digest) == 64
    assert manifest(project="other").digest != made.digest


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(masked=False),
        lambda c: c.update(policy="everything"),
        lambda c: c.update(digest="0" * 64),
        lambda c: c.pop("digest"),
        lambda c: c["source"].update(database_oid=1),
        lambda c: c["tables"][0].update(rows=4),
        lambda c: c["tables"][0]["files"][0].update(sha256="0" * 64),
        lambda c: c["tables"][0]["columns"][1].update(transform="keep"),
        lambda c: c["sequences"].clear(),
        lambda c: c.update(more=1),
        lambda c: c.pop("tables"),
        lambda c: c.update(kind="something else"),
    ],
)
def test_any_change_is_noticed(change):
    content = stored()
    change(content)
    with pytest.raises(VerificationError) as caught:
        reread(content)
    assert caught.value.message == f"{WHERE} is damaged: it is not what was written"


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"null", b'"x"', b"{}", b"\xff", b'{"format": 1}', manifests.dump(manifest())[:-9]],
)
def test_what_is_no_manifest_is_damaged(data):
    with pytest.raises(VerificationError, match="is damaged"):
        manifests.load(data, where=WHERE)


def test_a_content_with_a_right_digest_and_a_wrong_shape_is_damaged():
    content = stored()
    del content["digest"]
    content["tables"][0]["unheard_of"] = 1
    content["digest"] = manifests.hashlib.sha256(manifests._canonical(content)).hexdigest()
    with pytest.raises(VerificationError, match="is damaged"):
        reread(content)


def test_a_newer_format_says_so():
    with pytest.raises(VerificationError) as caught:
        reread({**stored(), "format": 2, "new_field": "x"})
    assert str(caught.value) == f"{WHERE} has format 2, and this datamask reads format 1"
    assert caught.value.hint == "use the datamask that wrote it, or a newer one"
