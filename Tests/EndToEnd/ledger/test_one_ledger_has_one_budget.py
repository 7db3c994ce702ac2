"""A ledger is one file with one journal and one budget, under whatever name and with whatever names in it."""

import os
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from harness.entries import ledger_of
from harness.gateway import Gateway, proxy_yaml
from harness.house import FILES, budget, costing, house_yaml, request
from harness.process import steelyard
from harness.raw import ask
from harness.standing import at_rest

TEAMS = {"search": {"budgets": [budget(1)]}}


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_second_name_of_a_ledger_is_not_a_second_budget(open_house, simulator, tmp_path, link):
    gateway = open_house(TEAMS)
    assert ask(gateway.port, request(60), costing(60)).status == 200
    link(ledger_of(gateway), tmp_path / "other.sqlite3")
    (tmp_path / "proxy.yaml").write_text(house_yaml(simulator.url, TEAMS, ledger={"file": "other.sqlite3"}))
    (tmp_path / "prices.yaml").write_text(FILES["prices.yaml"])
    refused = steelyard("serve", folder=tmp_path)
    assert refused.returncode == 75 and "another name" in refused.stderr, refused.stderr
    gateway.kill()
    # What the killed one left is in a journal that the other name does not have.
    refused = steelyard("serve", folder=tmp_path)
    assert refused.returncode == 66 and "journal" in refused.stderr, refused.stderr
    gateway.start()
    assert at_rest(gateway, "search").spent == Decimal("0.60")


def test_a_journal_that_is_gone_is_not_passed_over(open_house):
    gateway = open_house(TEAMS)
    assert ask(gateway.port, request(60), costing(60)).status == 200
    gateway.kill()
    shutil.rmtree(f"{ledger_of(gateway)}.journal")
    refused = steelyard("serve", folder=gateway.folder)
    assert refused.returncode == 66, refused.stderr
    assert "steelyard ledger salvage" in refused.stderr and ".journal" in refused.stderr
    salvaged = steelyard("ledger", "salvage", folder=gateway.folder)
    assert salvaged.returncode == 0 and "continued despite" in salvaged.stdout, salvaged.stderr
    gateway.start()


def test_what_is_no_name_of_a_model_is_counted_once_whenever_the_gateway_starts(open_house):
    # Most of them have no price; what answers has one.
    windows = [budget(100, every=every, models=models, when_spent="warn") for every, models in
               (("month", ["other"]), ("week", ["cent"]), ("year", ["*"]))]
    team = {"budgets": windows}
    gateway = open_house({"search": team})
    names = ["cent\0", "cent\0x", "\0", "\x7f", "x" * 5000, "\ud800", "e\u0301", "\u00e9"]
    for number, name in enumerate(names):
        steered = costing(1 << number, answer_model="cent")
        assert ask(gateway.port, request(1, model=name), steered).status == 200
    before = gateway.metrics().by("ai_budget_spent_usd", "window")
    # All were answered by `cent`; the last two are names, and so long a one is not read at all.
    assert sorted(before.values()) == [Decimal("0.47"), Decimal("2.55"), Decimal("2.55")], before
    for end in (gateway.kill, gateway.stop):
        end()
        gateway.start()
        assert gateway.metrics().by("ai_budget_spent_usd", "window") == before
    verified = steelyard("ledger", "verify", folder=gateway.folder)
    assert (verified.returncode, verified.stderr) == (0, ""), verified.stdout


def test_check_finds_a_ledger_that_cannot_be_kept(tmp_path):
    def checked(file: str) -> str:
        (tmp_path / "proxy.yaml").write_text(proxy_yaml("https://api.openai.com/v1", ledger={"file": file}))
        run = steelyard("check", folder=tmp_path)
        assert run.returncode in (0, 78)
        return run.stderr

    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / "dangling").symlink_to(tmp_path / "away")
    assert checked("new/ledger.sqlite3") == ""
    assert "not a file" in checked("folder")
    assert "not a file" in checked("/dev/null")
    assert "does not exist" in checked("dangling")
    assert "Not a directory" in checked("file/ledger.sqlite3")
    assert "proxy.yaml:" in checked("folder")
    assert not Path(tmp_path / "new").exists()
