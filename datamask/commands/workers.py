"""What a command that will have worker processes does before it imports anything else."""

from __future__ import annotations

from datamask.execution.processes import start_forkserver


def expect_workers() -> None:
    """Start the process that workers are forked from, so that its imports and the command's own go side by side."""
    start_forkserver()
