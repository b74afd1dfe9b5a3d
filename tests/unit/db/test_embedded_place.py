from __future__ import annotations

from pathlib import Path

from datamask.db.embedded_place import Runner, reachable, server_folder, socket_folder
from datamask.db.embedded_process import log_tail, running_postmaster
from datamask.db.embedded_settings import initdb_options, server_settings


def test_a_folder_that_lets_nobody_in_is_not_reachable(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert not reachable(closed / "pg")
    assert reachable(Path("/usr/bin"))


def test_an_ordinary_user_keeps_everything_in_the_project(tmp_path: Path) -> None:
    assert server_folder(tmp_path, Runner(None)) == tmp_path


def test_long_paths_get_a_short_socket_folder(tmp_path: Path) -> None:
    assert socket_folder(Path("/srv/pg")) == Path("/srv/pg/run")
    assert len(str(socket_folder(tmp_path / ("x" * 100)))) < 84


def test_settings_by_version() -> None:
    text = server_settings(18, port=5555, socket_directory=Path("/it's"))
    assert "file_copy_method = 'clone'" in text
    assert "unix_socket_directories = '/it''s'" in text
    assert "file_copy_method" not in server_settings(17, port=1, socket_directory=Path("/x"))
    assert "--no-data-checksums" not in initdb_options(17)
    assert "--locale-provider=builtin" not in initdb_options(16)


def test_no_pid_file_no_server(tmp_path: Path) -> None:
    assert running_postmaster(tmp_path) is None
    (tmp_path / "postmaster.pid").write_text("not a number\n")
    assert running_postmaster(tmp_path) is None


def test_a_logs_end_is_one_line_without_values() -> None:
    assert log_tail('a\n\nERROR:  invalid input syntax for type date: "x"\n') == (
        "a / ERROR:  invalid input syntax for type date: …"
    )
    assert log_tail("") == "it says nothing"
