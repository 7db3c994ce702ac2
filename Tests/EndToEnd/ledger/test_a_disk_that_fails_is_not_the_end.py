"""Full disks, files that cannot be written, files that are no ledger: nothing is lost or begun anew in silence."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from harness.disk import SmallDisk, small_disk
from harness.entries import entries, ledger_of, reading
from harness.house import FILES, budget, claiming, costing, dollars, house_yaml, request
from harness.polling import until
from harness.process import steelyard
from harness.raw import Leaver, ask
from harness.search import files_below
from harness.standing import at_rest, standing

PAGE_BYTES = 4096
# What the log and /readyz say.
NOT_ON_RECORD = "cannot record charges"
STAYS_IN_THE_JOURNAL = "charges are recorded, but only in the journal"
# What the log says when the ledger's own file fails.
NOT_TAKEN_IN = "cannot move the journal into the ledger"
TEAMS = {"search": {"budgets": [budget(100)]}, "sales": {}}


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        yield disk


def ledger_on(disk: SmallDisk, **more) -> dict:
    return {"file": str(disk.folder / "ledger.sqlite3")} | more


def until_refused(gateway) -> tuple[int, object]:
    """Asks until the team with the budget is refused: how many were served before, and the refusal."""
    served = 0
    while (answer := ask(gateway.port, request(1), costing(1))).status == 200:
        served += 1
        assert served < 20_000, "a full disk was never noticed"
    return served, answer


class TestAFullDisk:
    @pytest.fixture
    def gateway(self, open_house, disk):
        gateway = open_house(TEAMS, ledger=ledger_on(disk))
        gateway.expected_errors = gateway.expected_errors | {NOT_ON_RECORD, NOT_TAKEN_IN}
        return gateway

    def test_refuses_teams_with_budgets_and_serves_the_others(self, gateway, disk, simulator):
        ask(gateway.port, request(1), costing(1))
        with disk.full():
            _, refused = until_refused(gateway)
            assert (refused.status, refused.error["type"]) == (503, "server_error")
            assert refused.error["code"] == "ledger_unavailable"
            assert refused.headers["retry-after"]
            reached = simulator.received()
            assert ask(gateway.port, request(1)).status == 503
            assert simulator.received() == reached
            with gateway.counting(requests=1) as counted:
                assert ask(gateway.port, request(5), costing(5) | claiming("sales")).status == 200
            refusals = gateway.metrics().by("ai_budget_rejections_total", "team", "reason")
            assert refusals == {("search", "ledger_unavailable"): 2}
        assert counted("ai_cost_usd_total", team="sales") == dollars(5)
        assert counted("ai_unrecorded_requests_total") == 1

    def test_is_told_everywhere(self, gateway, disk):
        with disk.full():
            until_refused(gateway)
            # The process serves others and stays in rotation; what it lacks is told.
            until(lambda: NOT_ON_RECORD.encode() in gateway.get("/readyz")[1], what="readiness to tell")
            assert gateway.get("/readyz")[0] == gateway.get("/healthz")[0] == 200
            now = gateway.metrics()
            assert now("ai_ledger_failures_total") > 0 and now("ai_ledger_failing") == 1
            for _ in range(200):
                ask(gateway.port, request(1))
            told = [line for line in gateway.process.lines if NOT_ON_RECORD in line]
            # Once, or now and then: not a line per request.
            assert 1 <= len(told) < 20 and "No space left" in told[0]

    def test_is_over_when_there_is_room_again_and_nothing_was_lost(self, gateway, disk):
        served = 0
        for _ in range(3):
            with disk.full():
                before, _ = until_refused(gateway)
            until(lambda: ask(gateway.port, request(1), costing(1)).status == 200, 30, what="service again")
            served += before + 1
        assert at_rest(gateway, "search").spent == dollars(served)
        until(lambda: gateway.get("/readyz") == (200, b"ready\n"), what="readiness as before")
        assert gateway.metrics()("ai_ledger_failing") == gateway.metrics()("ai_ledger_lost_records_total") == 0
        assert gateway.metrics()("ai_ledger_failing") == gateway.metrics()("ai_ledger_lost_records_total") == 0
        gateway.kill()
        gateway.start()
        assert standing(gateway, "search").spent == dollars(served)
        made = [entry for entry in entries(disk.folder / "ledger.sqlite3") if entry["team"] == "search"]
        assert len(made) == served

    def test_lets_a_running_stream_end_and_records_it_later(self, gateway, disk):
        """Its settlement cannot be written; its client is not to blame."""
        slow = costing(7, event_ms=20, events=100) | {"connection": "close"}
        client = Leaver(gateway.port, request(200, stream=True), slow)
        client.read_events(3)
        with disk.full():
            served, _ = until_refused(gateway)
            assert b"data: [DONE]" in client.read_to_end()
        until(lambda: ask(gateway.port, request(1), costing(1)).status == 200, 30, what="service again")
        spent = dollars(served + 1 + 7)
        assert at_rest(gateway, "search").spent == spent
        gateway.kill()
        gateway.start()
        assert standing(gateway, "search").spent == spent


class TestAFullDiskOfTheLedgerAlone:
    """The journal has a disk of its own with room: the books stand still, and nobody is refused."""

    @pytest.fixture
    def gateway(self, open_house, disk, tmp_path):
        (tmp_path / "journal").mkdir(mode=0o700)
        (disk.folder / "ledger.sqlite3.journal").symlink_to(tmp_path / "journal")
        gateway = open_house(TEAMS, ledger=ledger_on(disk))
        gateway.expected_errors = gateway.expected_errors | {NOT_TAKEN_IN}
        return gateway

    def test_refuses_nobody_says_so_and_is_over_when_there_is_room(self, gateway, disk):
        served = 0

        def stuck() -> bool:
            nonlocal served
            assert ask(gateway.port, request(1), costing(1)).status == 200
            served += 1
            return STAYS_IN_THE_JOURNAL.encode() in gateway.get("/readyz")[1]

        with disk.full():
            until(stuck, 60, what="readiness to tell")
            assert gateway.get("/readyz")[0] == 200
            now = gateway.metrics()
            assert now("ai_ledger_failing") == 1 and now("ai_ledger_queue_length") > 0
            until(lambda: any(NOT_TAKEN_IN in line for line in gateway.process.lines), what="the log to tell")
            usage = steelyard("usage", "--ledger", str(disk.folder / "ledger.sqlite3"), folder=gateway.folder)
            assert usage.returncode == 0 and "settlements: they are still in the journal" in usage.stderr
            behind = ask(gateway.port, None, path="/admin/v1/usage", method="GET")
            assert behind.status == 200 and behind.headers["x-steelyard-incomplete"]
        until(lambda: gateway.get("/readyz") == (200, b"ready\n"), 30, what="readiness as before")
        until(lambda: gateway.metrics()("ai_ledger_queue_length") == 0, what="the books to be up to date")
        assert gateway.metrics()("ai_ledger_failing") == 0
        whole = ask(gateway.port, None, path="/admin/v1/usage", method="GET")
        assert whole.headers.get("x-steelyard-incomplete") is None
        assert len(entries(disk.folder / "ledger.sqlite3")) == served
        assert standing(gateway, "search").spent == dollars(served)


@pytest.mark.parametrize(
    ("on_failure", "statuses"),
    [("refuse_budgeted", (503, 200)), ("refuse_all", (503, 503)), ("allow", (200, 200))],
)
def test_what_a_failure_does_is_the_operators_choice(open_house, disk, on_failure, statuses):
    gateway = open_house(TEAMS, ledger=ledger_on(disk, on_failure=on_failure))
    gateway.expected_errors = gateway.expected_errors | {NOT_ON_RECORD, NOT_TAKEN_IN}

    def failing() -> bool:
        ask(gateway.port, request(1), costing(1))
        return NOT_ON_RECORD.encode() in gateway.get("/readyz")[1]

    with disk.full():
        until(failing, 60, what="a failure")
        told = tuple(ask(gateway.port, request(1), costing(1) | claiming(team)).status for team in TEAMS)
    assert told == statuses


def refused_start(gateway) -> tuple[int, str]:
    """Status and words of a start that does not come about."""
    process = gateway.launch()
    status = process.wait(within=20)
    return status, "\n".join(process.errors)


class TestAStartIsRefused:
    @pytest.fixture
    def stopped(self, open_house):
        """A gateway with a few entries in its ledger, stopped; it must be able to start again when the test is over."""
        gateway = open_house(TEAMS)
        for _ in range(3):
            ask(gateway.port, request(1), costing(1))
        gateway.stop()
        # Into one file, without a log beside it that would make good what a test spoils.
        with closing(sqlite3.connect(ledger_of(gateway))) as ledger:
            ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gateway

    def refused_with_a_remedy(self, gateway) -> str:
        before = self.files(gateway)
        status, said = refused_start(gateway)
        assert 64 <= status <= 78, said
        assert str(ledger_of(gateway).name) in said and len(said.splitlines()) <= 3, said
        assert self.files(gateway) == before, "what is refused is left as it is"
        return said

    def files(self, gateway) -> dict[str, bytes]:
        """The ledger and all that belongs to it but the lock, which names who tried."""
        files = files_below(ledger_of(gateway).parent)
        files.pop("ledger.sqlite3.lock", None)
        return files

    def restored(self, gateway, content: bytes) -> None:
        ledger_of(gateway).write_bytes(content)
        gateway.start()
        assert standing(gateway, "search").spent == dollars(3)

    def test_by_a_file_that_is_something_else(self, stopped):
        content = ledger_of(stopped).read_bytes()
        ledger_of(stopped).write_bytes(b"not a database, and long enough to be one " * 200)
        assert "not a Steelyard ledger" in self.refused_with_a_remedy(stopped)
        self.restored(stopped, content)

    def test_by_a_database_of_another_program(self, stopped):
        content = ledger_of(stopped).read_bytes()
        ledger_of(stopped).unlink()
        with closing(sqlite3.connect(ledger_of(stopped))) as other:
            other.execute("CREATE TABLE books (title TEXT)")
            other.commit()
        assert "not a Steelyard ledger" in self.refused_with_a_remedy(stopped)
        self.restored(stopped, content)

    def test_by_a_damaged_head(self, stopped):
        content = ledger_of(stopped).read_bytes()
        ledger_of(stopped).write_bytes(content[:100] + b"\xff" * 3000 + content[3100:])
        said = self.refused_with_a_remedy(stopped)
        assert "damaged" in said and ("backup" in said or "aside" in said)
        self.restored(stopped, content)

    def test_by_a_damaged_page_or_its_sums_are_right(self, stopped):
        """Whatever is hit, no budget ever begins with less than was spent."""
        content = ledger_of(stopped).read_bytes()
        with reading(ledger_of(stopped)) as ledger:
            pages = dict(ledger.execute("SELECT rootpage, name FROM sqlite_master WHERE rootpage > 0").fetchall())
        served = {}
        for page, name in pages.items():
            start = (page - 1) * PAGE_BYTES
            damaged = content[: start + 8] + b"\xff" * (PAGE_BYTES - 8) + content[start + PAGE_BYTES :]
            ledger_of(stopped).write_bytes(damaged)
            process = stopped.launch()
            serving = until(
                lambda process=process: process.child.poll() or any("serving" in x for x in process.lines), 20
            )
            if serving is True:
                process.stop()
                stopped.start()
                served[name] = standing(stopped, "search").spent
                stopped.kill()
            else:
                assert 64 <= process.wait() <= 78 and "damaged" in " ".join(process.errors)
            self.clean(stopped)
        assert set(served.values()) <= {dollars(3)}, served
        self.restored(stopped, content)

    def clean(self, gateway) -> None:
        """Takes away what would be played into a file that is put back."""
        for file in ledger_of(gateway).parent.glob("ledger.sqlite3-*"):
            file.unlink()

    def test_by_half_a_file(self, stopped):
        content = ledger_of(stopped).read_bytes()
        ledger_of(stopped).write_bytes(content[: len(content) // 2])
        self.refused_with_a_remedy(stopped)
        self.restored(stopped, content)

    def test_by_an_empty_file(self, stopped):
        content = ledger_of(stopped).read_bytes()
        ledger_of(stopped).write_bytes(b"")
        said = self.refused_with_a_remedy(stopped)
        assert "backup" in said or "aside" in said
        self.restored(stopped, content)

    def test_by_a_ledger_that_is_gone_while_its_journal_is_there(self, open_house):
        gateway = open_house(TEAMS)
        ask(gateway.port, request(1), costing(1))
        gateway.kill()
        until(lambda: ledger_of(gateway).exists(), what="a ledger")
        kept = gateway.folder / "kept"
        for file in ledger_of(gateway).parent.glob("ledger.sqlite3*"):
            if not file.name.endswith((".journal", ".lock")):
                kept.mkdir(exist_ok=True)
                shutil.move(file, kept / file.name)
        status, said = refused_start(gateway)
        assert 64 <= status <= 78 and "journal" in said
        assert not ledger_of(gateway).exists(), "never made anew in silence"
        for file in kept.iterdir():
            shutil.move(file, ledger_of(gateway).parent / file.name)
        gateway.start()
        assert standing(gateway, "search").spent == dollars(1)

    def test_by_a_ledger_of_a_later_version(self, stopped):
        content = ledger_of(stopped).read_bytes()
        with closing(sqlite3.connect(ledger_of(stopped))) as ledger:
            ledger.execute("PRAGMA user_version = 9999")
            ledger.commit()
        said = self.refused_with_a_remedy(stopped)
        assert "9999" in said and "later version" in said
        self.restored(stopped, content)

    def test_by_a_disk_that_cannot_be_written(self, start_gateway, simulator, disk):
        text = house_yaml(simulator.url, TEAMS, ledger=ledger_on(disk))
        gateway = start_gateway(text, files=FILES)
        ask(gateway.port, request(1), costing(1))
        gateway.stop()
        disk.read_only()
        status, said = refused_start(gateway)
        assert 64 <= status <= 78, said
        assert "ledger.sqlite3" in said and "read-only" in said.lower()
        disk.read_only(False)
        gateway.start()
        assert standing(gateway, "search").spent == dollars(1)

    def test_while_another_process_has_the_ledger(self, open_house):
        gateway = open_house(TEAMS)
        status, said = refused_start(gateway)
        assert 64 <= status <= 78
        assert str(gateway.process.child.pid) in said and "ledger.sqlite3" in said
        assert ask(gateway.port, request(1), costing(1)).status == 200
        assert at_rest(gateway, "search").spent == dollars(1)

    def test_and_comes_about_once_the_other_has_ended(self, open_house):
        gateway = open_house(TEAMS)
        gateway.kill()
        gateway.start()
        assert ask(gateway.port, request(1)).status == 200


def test_without_a_ledger_a_budget_that_blocks_is_refused(open_house, simulator, tmp_path):
    """A promise that cannot be kept over a restart is not made."""
    (tmp_path / "prices.yaml").write_text(FILES["prices.yaml"])
    (tmp_path / "proxy.yaml").write_text(house_yaml(simulator.url, TEAMS, ledger="off"))
    checked = steelyard("check", "--config", str(tmp_path / "proxy.yaml"), folder=tmp_path)
    assert "ledger" in checked.stderr
    assert checked.returncode in (0, 78)


def test_what_sqlite_has_not_taken_in_yet_is_in_the_journal(open_house):
    """The ledger's file is some milliseconds behind; a kill at once after the answers loses none of them."""
    gateway = open_house(TEAMS)
    for _ in range(200):
        ask(gateway.port, request(1), costing(1))
    gateway.kill()
    gateway.start()
    assert standing(gateway, "search").spent == dollars(200)


def test_nobody_else_on_the_machine_can_read_the_books(open_house):
    """Teams, keys' names and spending are nobody's business, whatever the umask was."""
    gateway = open_house(TEAMS)
    ask(gateway.port, request(1), costing(1))
    made = [path for path in ledger_of(gateway).parent.rglob("*") if path.name.startswith("ledger")]
    assert len(made) >= 3
    assert not [path.name for path in made if path.is_file() and path.stat().st_mode & 0o077]


class TestADamagedJournal:
    @pytest.fixture
    def killed(self, open_house):
        gateway = open_house(TEAMS)
        for _ in range(50):
            ask(gateway.port, request(1), costing(1))
        gateway.kill()
        return gateway

    def segment(self, gateway):
        segments = (ledger_of(gateway).parent / "ledger.sqlite3.journal").iterdir()
        return max(segments, key=lambda file: file.stat().st_size)

    def test_in_the_middle_refuses_the_start_until_somebody_has_looked(self, killed):
        segment = self.segment(killed)
        content = bytearray(segment.read_bytes())
        assert len(content) > 2000, "hardly a journal"
        content[len(content) // 2] ^= 0xFF
        segment.write_bytes(content)
        status, said = refused_start(killed)
        assert 64 <= status <= 78 and "ledger salvage" in said and segment.name in said
        assert segment.read_bytes() == bytes(content)
        usage = steelyard("usage", "--config", "proxy.yaml", folder=killed.folder)
        assert usage.returncode == 0 and "is damaged at byte" in usage.stderr
        assert "the next start adds them" not in usage.stderr

        salvaged = steelyard("ledger", "salvage", "--config", "proxy.yaml", folder=killed.folder)
        assert salvaged.returncode == 0, salvaged.stderr
        killed.start()
        # One record was hit: an opening or a settlement of one cent.
        assert dollars(49) <= standing(killed, "search").spent <= dollars(50)

    def test_cut_off_at_its_end_is_what_a_kill_leaves(self, killed):
        segment = self.segment(killed)
        for cut in (1, 7, 40):
            segment.write_bytes(segment.read_bytes()[:-cut])
            killed.start()
            assert standing(killed, "search").spent == dollars(50)
            killed.kill()
            segment = self.segment(killed)
        killed.start()

    def test_with_zeros_behind_its_end_is_what_a_power_cut_leaves(self, killed):
        segment = self.segment(killed)
        segment.write_bytes(segment.read_bytes() + bytes(4096))
        killed.start()
        assert standing(killed, "search").spent == dollars(50)
