"""`steelyard keys`: keys are defined only in proxy.yaml, and only their creator sees them."""

import re

import pytest

from harness.gateway import proxy_yaml
from harness.keys import checksum, credential, new_key
from harness.process import steelyard
from harness.raw import ask, chat

FORM = re.compile(r"sy_([0-9A-Za-z]{8})_[0-9A-Za-z]{49}")
PROVIDER = "http://127.0.0.1:1/v1"


def keys(folder, *arguments: str):
    return steelyard(
        "keys", *arguments, "--config", str(folder / "proxy.yaml"), folder=folder, PROVIDER_KEY="sk-provider"
    )


def write(folder, provider: str, teams: str) -> None:
    text = proxy_yaml(provider, provider_options="api_key: env:PROVIDER_KEY", sections=f"teams:\n{teams}")
    (folder / "proxy.yaml").write_text(text)


class TestCreate:
    def test_prints_the_key_alone_so_that_it_can_be_piped(self, tmp_path):
        write(tmp_path, PROVIDER, "  search: {}")
        made = keys(tmp_path, "create", "--team", "search")
        assert made.returncode == 0, made.stderr
        key = made.stdout.removesuffix("\n")
        public = FORM.fullmatch(key).group(1)
        assert key.endswith(checksum(key[:-6]))
        assert key not in made.stderr and key[12:] not in made.stderr
        assert public in made.stderr and re.search(r"\b[0-9a-f]{64}\b", made.stderr)

    def test_writes_nothing(self, tmp_path):
        write(tmp_path, PROVIDER, "  search: {}")
        before = (tmp_path / "proxy.yaml").read_text()
        keys(tmp_path, "create", "--team", "search")
        assert (tmp_path / "proxy.yaml").read_text() == before
        assert [file.name for file in tmp_path.iterdir()] == ["proxy.yaml"]

    def test_gives_a_line_that_makes_the_key_work(self, start_gateway, simulator, tmp_path):
        write(tmp_path, simulator.url, "  search: {}")
        made = keys(tmp_path, "create", "--team", "search")
        line = re.search(r"\{ *id: .*\}", made.stderr).group()
        teams = f"  search:\n    keys:\n      - {line}"
        write(tmp_path, simulator.url, teams)
        gateway = start_gateway((tmp_path / "proxy.yaml").read_text(), environment={"PROVIDER_KEY": "sk-provider"})
        with gateway.counting(requests=1) as counted:
            answer = ask(gateway.port, chat(), {"authorization": f"Bearer {made.stdout.strip()}"})
        assert answer.status == 200
        assert counted.by("ai_requests_total", "team") == {("search",): 1}
        assert simulator.witness(ended=1)[0]["credential"] == credential("sk-provider")

    def test_never_makes_the_same_key_twice(self, tmp_path):
        write(tmp_path, PROVIDER, "  search: {}")
        made = {keys(tmp_path, "create", "--team", "search").stdout for _ in range(5)}
        assert len(made) == 5

    def test_of_a_team_nobody_knows_says_which_there_are(self, tmp_path):
        write(tmp_path, PROVIDER, "  search: {}")
        refused = keys(tmp_path, "create", "--team", "saerch")
        assert 64 <= refused.returncode <= 78
        assert refused.stdout == "" and "saerch" in refused.stderr and "search" in refused.stderr


    @pytest.mark.parametrize("before", ["", "\n    keys: []"])
    def test_gives_a_first_key_with_its_list(self, tmp_path, before):
        write(tmp_path, PROVIDER, f"  search:{before}")
        made = keys(tmp_path, "create", "--team", "search")
        told, *lines = made.stderr.splitlines()
        assert "team search (proxy.yaml:6)" in told.replace(f"{tmp_path}/", "")
        write(tmp_path, PROVIDER, "\n".join(["  search:", *lines]))
        assert check_as_it_is(tmp_path).returncode == 0
        further = keys(tmp_path, "create", "--team", "search").stderr.splitlines()
        write(tmp_path, PROVIDER, "\n".join(["  search:", *lines, *further[1:]]))
        assert check_as_it_is(tmp_path).returncode == 0
        assert len(keys(tmp_path, "list").stdout.splitlines()) == 3

    @pytest.mark.parametrize("place", ["env:NOT_SET_HERE", "file:/nonexistent/secret", "credential:openai-key"])
    def test_needs_none_of_the_secrets_of_the_server(self, tmp_path, place):
        """Operators create keys on their own machine; only the service has the provider's key."""
        write(tmp_path, PROVIDER, "  search: {}")
        text = (tmp_path / "proxy.yaml").read_text().replace("env:PROVIDER_KEY", place)
        tls = "server: { tls: { certificate: /nonexistent/cert.pem, private_key: /nonexistent/key.pem },"
        (tmp_path / "proxy.yaml").write_text(text.replace("server: {", tls))
        for arguments in (("create", "--team", "search"), ("list",)):
            assert keys(tmp_path, *arguments).returncode == 0
        assert check_as_it_is(tmp_path).returncode == 78


class TestList:
    def test_shows_teams_ids_and_expiry_and_no_digest(self, tmp_path):
        one, other = new_key(), new_key()
        teams = f"""\
  search:
    keys:
      - {{ id: {one.id}, sha256: {one.sha256}, expires: 2031-05-06 }}
  batch: {{ keys: [{{ id: {other.id}, sha256: {other.sha256} }}] }}"""
        write(tmp_path, PROVIDER, teams)
        listed = keys(tmp_path, "list")
        assert listed.returncode == 0, listed.stderr
        (row,) = [line for line in listed.stdout.splitlines() if one.id in line]
        assert "search" in row and "2031-05-06" in row
        (row,) = [line for line in listed.stdout.splitlines() if other.id in line]
        assert "batch" in row
        assert not any(key.sha256[:16] in listed.stdout + listed.stderr for key in (one, other))


class TestRevoke:
    def test_says_which_line_to_take_out_and_changes_nothing(self, tmp_path):
        one, other = new_key(), new_key()
        entries = [f"      - {{ id: {key.id}, sha256: {key.sha256} }}" for key in (one, other)]
        write(tmp_path, PROVIDER, "\n".join(["  search:", "    keys:", *entries]))
        before = (tmp_path / "proxy.yaml").read_text()
        number = before.splitlines().index(entries[1]) + 1
        told = keys(tmp_path, "revoke", other.id)
        assert told.returncode == 0, told.stderr
        assert f"proxy.yaml:{number}" in told.stdout + told.stderr
        assert (tmp_path / "proxy.yaml").read_text() == before

    def test_of_a_key_that_is_not_there_is_an_error(self, tmp_path):
        write(tmp_path, PROVIDER, "  search: {}")
        refused = keys(tmp_path, "revoke", "AAAAAAAA")
        assert 64 <= refused.returncode <= 78 and "has no key with this id" in refused.stderr

    def test_does_not_repeat_a_whole_key_that_was_pasted(self, tmp_path):
        key = new_key()
        write(tmp_path, PROVIDER, f"  search: {{ keys: [{{ id: {key.id}, sha256: {key.sha256} }}] }}")
        refused = keys(tmp_path, "revoke", key.text)
        assert refused.returncode != 0
        assert key.text[12:30] not in refused.stdout + refused.stderr


def check_as_it_is(folder):
    return steelyard("check", "--config", str(folder / "proxy.yaml"), folder=folder, PROVIDER_KEY="sk-provider")


def check(folder, sections: str):
    (folder / "proxy.yaml").write_text(
        proxy_yaml(PROVIDER, provider_options="api_key: env:PROVIDER_KEY", sections=sections)
    )
    return check_as_it_is(folder)


BUDGET = "limit_usd: 5, every: month"
A, B = new_key(), new_key()
DIGEST = "sha256:" + "ab" * 32


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        # A budget that is accepted and ignored: the name of the member changed, the old one passed unseen.
        ("teams: { search: { budget: [{ limit_usd: 5, every: month }] } }", "budgets"),
        ("teams: { search: { budgets: [{ limit: 5, every: month }] } }", "limit_usd"),
        ("teams: { search: { budgets: [{ limit_usd: 5, every: 30d }] } }", "month"),
        ("teams: { search: { budgets: [{ limit_usd: 5 }] } }", "every"),
        ("teams: { search: { budgets: [{ limit_usd: 1e3, every: month }] } }", "1e3"),
        ("teams: { search: { budgets: [{ limit_usd: -1, every: month }] } }", "-1"),
        (f"teams: {{ search: {{ budgets: [{{ {BUDGET}, time_zone: Europe/Atlantis }}] }} }}", "Europe/Atlantis"),
        (f"teams: {{ search: {{ budgets: [{{ {BUDGET}, starts_on: 32 }}] }} }}", "32"),
        (f"teams: {{ search: {{ budgets: [{{ {BUDGET}, warn_at: [0.9, 0.7] }}] }} }}", "warn_at"),
        (f"teams: {{ search: {{ budgets: [{{ {BUDGET}, when_spent: explode }}] }} }}", "explode"),
        (f"teams: {{ search: {{ keys: [{{ id: {A.id}, sha256: abc }}] }} }}", "sha256"),
        (
            f"teams: {{ a: {{ keys: [{{ id: {A.id}, sha256: {A.sha256} }}] }},"
            f" b: {{ keys: [{{ id: {A.id}, sha256: {B.sha256} }}] }} }}",
            A.id,
        ),
        (f"teams: {{ a: {{ provider_keys: ['{DIGEST}'] }}, b: {{ provider_keys: ['{DIGEST}'] }} }}", "provider_keys"),
        ("teams: { 'two words': {} }", "two words"),
        ("teams: { search: { reserve: learnt } }", "learned"),
        ("teams: { search: { models: { allow: ['gpt-4.1*'], deny: ['gpt*'] } } }", "deny"),
        ("teams: { search: { limits: { requests_per_second: 5 } } }", "requests_per_minute"),
        ("server: {}", "server"),
    ],
)
def test_what_would_be_ignored_or_misread_is_an_error_with_its_line(tmp_path, sections, said):
    refused = check(tmp_path, sections)
    assert refused.returncode == 78, refused.stderr
    assert re.search(r"proxy\.yaml:\d+: ", refused.stderr) and "remedy: " in refused.stderr
    assert said in refused.stderr
    assert A.sha256 not in refused.stderr


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        (f"teams: {{ search: {{ budgets: [{{ {BUDGET}, models: ['gtp-4*'] }}] }} }}", "gtp-4*"),
        (f"teams: {{ search: {{ budgets: [{{ {BUDGET}, when_spent: block }}] }} }}", "can be bypassed"),
        (
            f"teams: {{ search: {{ budgets: [{{ {BUDGET} }}], keys: [{{ id: {A.id}, sha256: {A.sha256},"
            " budgets: [{ limit_usd: 50, every: month }] }] } }",
            "never takes effect",
        ),
    ],
    ids=["a pattern of no model", "a budget one can leave", "a budget out of reach"],
)
def test_a_rule_that_can_never_hold_is_warned_of(tmp_path, sections, said):
    warned = check(tmp_path, sections)
    assert warned.returncode == 0, warned.stderr
    assert re.search(rf"proxy\.yaml:\d+: warning: teams\.search\..*{re.escape(said)}", warned.stderr), warned.stderr


def test_a_file_of_teams_without_faults_says_nothing(tmp_path):
    fine = check(
        tmp_path,
        f"teams: {{ search: {{ keys: [{{ id: {A.id}, sha256: {A.sha256} }}], budgets: [{{ {BUDGET}, when_spent: block,"
        " time_zone: Asia/Kathmandu, warn_at: [0.7, 0.9] }] } }",
    )
    assert (fine.returncode, fine.stderr) == (0, "")
