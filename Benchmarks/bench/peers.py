"""Other LLM gateways from PyPI, each in its own virtual environment.

Versions are fixed, so that two runs compare the same thing.
"""

import os
import subprocess
import sys

from .processes import Server, free_port
from .subjects import Subject, write

INSTALL_SECONDS = 600
# The key that the load generator sends: LiteLLM requires its master key from every client.
CLIENT_KEY = "sk-bench-0123456789abcdef0123456789abcdef"

LITELLM_CONFIGURATION = """\
model_list:
  - model_name: gpt-4.1-mini
    litellm_params:
      model: openai/gpt-4.1-mini
      api_base: http://127.0.0.1:{provider_port}/v1
      api_key: sk-none
litellm_settings:
  callbacks: ["prometheus"]
general_settings:
  master_key: {key}
"""


def programs(directory):
    """The peers' programs; installs those that are missing."""
    return {
        # The Prometheus callback needs a package that the `proxy` extra leaves out.
        "litellm": _installed(directory, "litellm", ["litellm[proxy]==1.106.2", "prometheus-client"]),
        "smg": _installed(directory, "smg", ["smg==1.13.0"]),
    }


def subjects(programs, provider_port, work):
    return [
        Subject("litellm", lambda: _litellm(programs["litellm"], provider_port, work)),
        Subject("smg", lambda: _smg(programs["smg"], provider_port, work)),
    ]


def _litellm(program, provider_port, work):
    port = free_port()
    path = write(work, "litellm.yaml", LITELLM_CONFIGURATION.format(provider_port=provider_port, key=CLIENT_KEY))
    command = [program, "--config", path, "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    # Without this, LiteLLM downloads its price list at the start.
    return Server("litellm", command, port, work, {"LITELLM_LOCAL_MODEL_COST_MAP": "True"})


def _smg(program, provider_port, work):
    port, metrics_port = free_port(), free_port()
    command = [
        program, "launch", "--host", "127.0.0.1", "--port", str(port), "--backend", "openai",
        "--worker-urls", f"http://127.0.0.1:{provider_port}", "--history-backend", "none",
        "--prometheus-host", "127.0.0.1", "--prometheus-port", str(metrics_port), "--log-level", "warn"]
    return Server("smg", command, port, work)


def _installed(directory, name, packages):
    """The path of the program `name` in an environment with `packages`."""
    environment = os.path.abspath(os.path.join(directory, name))
    program = os.path.join(environment, "bin", name)
    if not os.path.exists(program):
        print(f"installing {' '.join(packages)}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        subprocess.run([os.path.join(environment, "bin", "pip"), "install", "-q", *packages],
                       check=True, timeout=INSTALL_SECONDS)
    return program
