"""Another wall clock for a process, which a test moves; its monotonic clock stays right."""

from pathlib import Path

TOOLS = Path(__file__).parents[3] / ".build-tools"


class Clock:
    """A clock that is so many days off, for whoever is started in its environment."""

    def __init__(self, file: Path, days: int):
        libraries = list(TOOLS.glob("faketime/usr/lib/*/faketime/libfaketimeMT.so.1"))
        assert libraries, "libfaketime is not there: run scripts/test"
        self._file = file
        self.environment = {
            "LD_PRELOAD": str(libraries[0]),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.set(days)

    def set(self, days: int) -> None:
        # In one step: half a line would be another time.
        draft = self._file.with_suffix(".new")
        draft.write_text(f"{days:+d}d\n")
        draft.replace(self._file)
