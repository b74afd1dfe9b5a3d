from __future__ import annotations

from pathlib import Path

import pytest

from datamask.config.secrets import is_reference, parse_secret
from datamask.errors import UsageError


def test_a_variable(tmp_path: Path) -> None:
    assert parse_secret("env:KEY", tmp_path).resolve({"KEY": "sésame"}) == "sésame".encode()
    with pytest.raises(UsageError) as caught:
        parse_secret("env:KEY", tmp_path).resolve({})
    assert str(caught.value) == "the environment variable KEY is not set"
    with pytest.raises(UsageError, match="env:KEY gives an empty secret"):
        parse_secret("env:KEY", tmp_path).resolve({"KEY": ""})


def test_a_file_relative_to_the_root_without_its_last_line_break(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff two\n\n")
    assert parse_secret("file:key", tmp_path).resolve() == b"\xff two\n"
    with pytest.raises(UsageError, match="does not give UTF-8 text"):
        parse_secret("file:key", tmp_path).resolve_text()
    with pytest.raises(UsageError) as caught:
        parse_secret("file:none", tmp_path).resolve()
    assert (
        str(caught.value) == f"the secret file {tmp_path / 'none'} cannot be read: No such file or directory"
    )


def test_a_command_runs_in_the_root_without_a_shell(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from $HOME\r\n")
    assert parse_secret("command:cat 'key'", tmp_path).resolve_text() == "from $HOME"
    assert parse_secret("command:printf '%s|' $HOME", tmp_path).resolve_text() == "$HOME|"


def test_a_failing_command_shows_nothing_of_what_it_said(tmp_path: Path) -> None:
    secret = parse_secret("command:sh -c 'echo s3cret; echo s3cret >&2; exit 3'", tmp_path)
    with pytest.raises(UsageError) as caught:
        secret.resolve()
    assert str(caught.value) == "the secret command 'sh' ended with status 3"
    assert "s3cret" not in repr(secret) + str(secret)
    with pytest.raises(UsageError, match="cannot be started"):
        parse_secret("command:no-such-program-here", tmp_path).resolve()


@pytest.mark.parametrize("text", ["hunter2", "vault:hunter2", "env:", "env:hunter-2", "command:'hunter2", ""])
def test_what_is_no_reference_is_refused_and_not_repeated(text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        parse_secret(text, tmp_path)
    assert "hunter" not in str(caught.value)


def test_urls_are_no_references() -> None:
    assert is_reference("env:X")
    assert not is_reference("postgresql://db/x")
    assert not is_reference("file://x")
