"""A child process whose output is collected as it arrives."""

import atexit
import os
import signal
import subprocess
import threading
from pathlib import Path

from harness.polling import until

# A healthy run never prints these: Swift's traps and backtraces, sanitizer reports, leaked resources.
ALARMING = ("Fatal error", "Crash", "SUMMARY: ", "leaked", "Precondition failed", "Segmentation fault")


def binary() -> str:
    """The steelyard under test."""
    built = Path(__file__).parents[3] / ".build" / "debug" / "steelyard"
    path = os.path.abspath(os.environ.get("STEELYARD_BINARY", built))
    assert os.access(path, os.X_OK), f"{path} is not there: run scripts/test, or name one in STEELYARD_BINARY"
    return path


def steelyard(*arguments: str, folder: Path | None = None, **environment: str) -> subprocess.CompletedProcess:
    """One `steelyard …` that ends by itself; its output is text with unchanged line ends."""
    done = subprocess.run(
        [binary(), *arguments],
        capture_output=True,
        timeout=60,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        env=os.environ | environment,
    )
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    return done


class Process:
    """One running `steelyard …`; `stop` ends it and checks what it left behind."""

    def __init__(
        self,
        *arguments: str,
        environment: dict[str, str] | None = None,
        folder: Path | None = None,
        open_files: tuple[int, int] | None = None,
    ):
        """`open_files` is the soft and the hard limit of descriptors (getrlimit(2))."""
        self.lines: list[str] = []
        self.errors: list[str] = []
        limited = ["prlimit", f"--nofile={open_files[0]}:{open_files[1]}"] if open_files else []
        self.child = subprocess.Popen(
            [*limited, binary(), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=os.environ | (environment or {}),
        )
        # If a test fails before it stops the process, this ends it.
        atexit.register(self.child.kill)
        self._readers = [
            threading.Thread(target=self._collect, args=pair, daemon=True)
            for pair in ((self.child.stdout, self.lines), (self.child.stderr, self.errors))
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _collect(stream, lines: list[str]) -> None:
        for line in stream:
            lines.append(line.rstrip("\n"))

    def line_with(self, text: str, within: float = 20.0) -> str:
        """The first line of standard output that contains `text`, once there is one."""

        def look() -> str | None:
            found = next((line for line in list(self.lines) if text in line), None)
            assert found or self.child.poll() is None, f"it ended instead: {self.errors}"
            return found

        return until(look, within, what=f"a line with {text!r}")

    @property
    def open_file_count(self) -> int:
        """Its descriptors (proc(5))."""
        return len(os.listdir(f"/proc/{self.child.pid}/fd"))

    @property
    def cpu_seconds(self) -> float:
        """The time it has computed so far (proc(5), `stat`, behind the command's name)."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def send(self, number: signal.Signals) -> None:
        self.child.send_signal(number)

    def wait(self, within: float = 40.0) -> int:
        """The exit status, with all output read."""
        status = self.child.wait(timeout=within)
        for reader in self._readers:
            reader.join(timeout=5)
        return status

    def kill(self) -> None:
        """SIGKILL: it cannot clean up."""
        self.child.kill()
        self.wait()

    def stop(self) -> None:
        """SIGTERM, a clean exit, and nothing alarming in the output."""
        if self.child.poll() is None:
            self.send(signal.SIGTERM)
        try:
            status = self.wait()
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise AssertionError("it did not end within its drain time") from None
        assert status == 0, f"exit status {status}: {self.errors[-20:]}"
        alarming = [line for line in self.lines + self.errors if any(word in line for word in ALARMING)]
        assert not alarming, alarming
