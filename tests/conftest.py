"""A PostgreSQL server for the whole test session, and a fresh database for whoever asks."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings
from support.servers import temporary_server

from datamask.db.embedded import EmbeddedServer

# A deadline for one example says more about the machine than about the code.
# Each run draws others, so that fewer a run find the same in the end.
settings.register_profile("quick", deadline=None, max_examples=50)
settings.register_profile("all", deadline=None)
settings.load_profile(os.environ.get("TEST_EXAMPLES", "quick"))

# What takes long beside what it shows: `make test-all` runs it, the quick set has shorter tests of the same things.
_LONG = (
    "tests/acceptance/test_accountability.py",
    "tests/acceptance/test_bad_servers.py::test_programs_older_than_the_server",
    "tests/acceptance/test_check.py::test_a_snapshot_can_begin_with_a_trial",
    "tests/acceptance/test_command_line.py::test_a_terminal_gets_a_bar_and_colours",
    "tests/acceptance/test_command_line.py::test_results_and_messages_go_separate_ways",
    "tests/acceptance/test_demo.py::test_databases_of_others_on_the_server_stay",
    "tests/acceptance/test_demo.py::test_the_commands_to_try_next_work",
    "tests/acceptance/test_drift.py::test_baselines_and_rows",
    "tests/acceptance/test_environments.py::test_sql_after_a_load_runs_before_anyone_sees_the_database",
    "tests/acceptance/test_interruptions.py",
    "tests/acceptance/test_jobs.py::test_a_snapshot_that_an_environment_holds_is_never_pruned",
    "tests/acceptance/test_jobs.py::test_one_run_at_a_time_and_an_interruption_is_recorded",
    "tests/acceptance/test_jobs.py::test_what_may_be_tried_again_is_and_a_run_can_go_on_from_a_step",
    "tests/acceptance/test_jobs.py::test_who_has_to_hear_of_it_does",
    "tests/acceptance/test_own_transforms.py",
    "tests/acceptance/test_pytest_plugin.py::test_an_environment_that_may_not_be_replaced_is_refused",
    "tests/acceptance/test_pytest_plugin.py::test_workers_do_not_get_into_each_other_s_way",
    "tests/acceptance/test_results.py::test_deleting_and_pruning",
    "tests/acceptance/test_results.py::test_discover",
    "tests/acceptance/test_results.py::test_preview_hides_originals",
    "tests/acceptance/test_seed.py::test_an_empty_base_holds_the_fixed_rows_alone",
    "tests/acceptance/test_seed.py::test_orders_are_generated_for_the_masked_customers",
    "tests/acceptance/test_story.py::test_real_database_comes_through_whole",
    "tests/integration/test_kill.py",
    "tests/integration/test_real_data.py::test_neither_workers_nor_chunks_show_in_the_data",
    "tests/integration/test_support.py::test_the_torture_database_survives_a_plain_dump_and_restore",
    "tests/integration/test_swap.py::test_busy_users_see_the_old_or_the_new_and_hardly_notice",
    "tests/unit/policy/test_compile_speed.py",
)

DatabaseFactory = Callable[[], str]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes long."""
    for item in items:
        if item.nodeid.startswith(_LONG):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """One server a test process, the newest version that is installed."""
    yield from temporary_server()


@pytest.fixture(scope="session")
def server16() -> Iterator[EmbeddedServer]:
    """The oldest installed version, for what differs between versions."""
    yield from temporary_server(16)


_numbers = itertools.count(1)


@pytest.fixture
def database(server: EmbeddedServer) -> DatabaseFactory:
    """Call it for the connection string of a fresh empty database."""
    return lambda: server.ensure_database(f"test_{next(_numbers)}")
