"""The command line: parse, call a command, show its result."""


def main() -> None:
    """The entry point of the ``datamask`` program."""
    from datamask.cli.app import run

    raise SystemExit(run())
