"""``python -m datamask``."""

from datamask.cli import main

main()
