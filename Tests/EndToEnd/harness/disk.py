"""A small disk that can be filled and made read-only."""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class SmallDisk:
    """A mounted tmpfs."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._ballast = folder / "ballast"

    @contextmanager
    def full(self) -> Iterator[None]:
        """Leaves no byte free for as long as the block runs, whatever is deleted meanwhile.

        What is there can still grow within its last pages.
        """
        over = threading.Event()
        self._fill()
        filling = threading.Thread(target=self._keep_full, args=(over,))
        filling.start()
        try:
            yield
        finally:
            over.set()
            filling.join()
            self._ballast.unlink()

    def _keep_full(self, over: threading.Event) -> None:
        while not over.wait(0.002):
            self._fill()

    def _fill(self) -> None:
        with self._ballast.open("ab", buffering=0) as file:
            for size in (65_536, 4096, 1):
                try:
                    while file.write(bytes(size)):
                        pass
                except OSError:
                    continue

    def read_only(self, yes: bool = True) -> None:
        subprocess.run(["mount", "-o", f"remount,{'ro' if yes else 'rw'}", self.folder], check=True)


@contextmanager
def small_disk(folder: Path, size: str = "2m") -> Iterator[SmallDisk]:
    """Mounts one at a folder; skips the test where that is not allowed."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk takes root")
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        # Lazily: a gateway that is still to be stopped may have its files there.
        subprocess.run(["umount", "-l", folder], check=True)
