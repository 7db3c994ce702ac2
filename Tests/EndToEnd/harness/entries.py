"""The ledger's file, read while the gateway runs or after it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from harness.gateway import Gateway

# The default place of the ledger, below the working directory.
LEDGER = Path("data") / "ledger.sqlite3"


def ledger_of(gateway: Gateway) -> Path:
    return gateway.folder / LEDGER


@contextmanager
def reading(ledger: Path) -> Iterator[sqlite3.Connection]:
    """The file, opened read-only."""
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=10)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def entries(ledger: Path) -> list[dict[str, Any]]:
    """All entries, in the order in which they were made."""
    with reading(ledger) as connection:
        return [dict(row) for row in connection.execute("SELECT * FROM entries ORDER BY rowid")]
