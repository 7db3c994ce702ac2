"""The subjects: the provider mock directly, nginx as a plain proxy, Steelyard with and without accounting."""

import os

from .processes import Server, free_port

NGINX_CONFIGURATION = """\
daemon off;
{processes}
pid {directory}/nginx.pid;
error_log {directory}/nginx-error.log error;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    # By default a body of more than 8 KiB goes through a file, and then in pieces that wait for delayed ACKs.
    client_body_buffer_size 64k;
    client_body_temp_path {directory}/nginx-body;
    proxy_temp_path {directory}/nginx-proxy;
    fastcgi_temp_path {directory}/nginx-fastcgi;
    uwsgi_temp_path {directory}/nginx-uwsgi;
    scgi_temp_path {directory}/nginx-scgi;
    keepalive_requests 1000000000;
    upstream provider {{
        server 127.0.0.1:{provider_port};
        keepalive 1024;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            proxy_pass http://provider;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }}
    }}
}}
"""

# Everything else is the default: metering, the usage edit, metrics and log on.
STEELYARD_CONFIGURATION = """\
server: {{ listen: 127.0.0.1:{port} }}
admin: {{ listen: 127.0.0.1:{port} }}
providers:
  openai: {{ base_url: http://127.0.0.1:{provider_port}/v1, mount: /v1 }}
default_team: bench
"""

# Each request is admitted to both windows, recorded before it leaves and again before its answer ends, and becomes an
# entry of the ledger. No load here comes near the limits.
ACCOUNTING = """\
teams:
  bench:
    budgets:
      - {{ limit_usd: 1000000, every: month, when_spent: block }}
      - {{ limit_usd: 100000, every: day, when_spent: block }}
ledger: {{ file: {ledger} }}
"""
NO_ACCOUNTING = """\
teams: { bench: {} }
ledger: off
"""
# The subject that is Steelyard without journal, ledger and budgets.
UNACCOUNTED = "accounting off"


class Subject:
    """A server that answers chat completions on a port; restarted whenever a test needs fresh memory."""

    def __init__(self, name, start, has_ledger=False):
        self.name, self._start, self.has_ledger, self.server = name, start, has_ledger, None

    @property
    def port(self):
        return self.server.port

    def start(self):
        self.server = self._start()

    def restart(self):
        self.stop()
        self.start()

    def stop(self):
        if self.server:
            self.server.stop()
            self.server = None


def write(directory, name, text):
    path = os.path.join(directory, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def provider(program, directory):
    port = free_port()
    return Server("provider", [program, str(port)], port, directory)


def direct(provider_server):
    subject = Subject("direct", lambda: provider_server)
    subject.server = provider_server
    return subject


def nginx(program, provider_port, directory, launch=Server, processes="worker_processes auto;"):
    def start():
        port = free_port()
        text = NGINX_CONFIGURATION.format(
            directory=directory, provider_port=provider_port, port=port, processes=processes)
        path = write(directory, "nginx.conf", text)
        return launch("nginx", [program, "-p", directory, "-c", path], port, directory)

    return Subject("nginx", start)


def steelyard(program, provider_port, directory, file_name="steelyard", extra_configuration="", launch=Server):
    """Steelyard with everything on; its ledger and log are files of this name."""
    accounting = ACCOUNTING.format(ledger=os.path.join(directory, file_name + ".sqlite3"))
    start = _start_steelyard(
        program, provider_port, directory, file_name, accounting + extra_configuration, launch)
    return Subject("steelyard", start, has_ledger=True)


def unaccounted(program, provider_port, directory):
    start = _start_steelyard(program, provider_port, directory, "unaccounted", NO_ACCOUNTING, Server)
    return Subject(UNACCOUNTED, start)


def _start_steelyard(program, provider_port, directory, file_name, more, launch):
    def start():
        port = free_port()
        text = STEELYARD_CONFIGURATION.format(provider_port=provider_port, port=port)
        path = write(directory, file_name + ".yaml", text + more)
        return launch(file_name, [program, "serve", "--config", path], port, directory)

    return start
