"""Servers from Debian packages, each with our configuration."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass

from measuring.servers.program import PORT, Program

SEARCH_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
CONNECTIONS = 16384  # nginx and h2o allow only 512 and 1024 by default

Files = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Package:
    """A server, and how it is told to use its configuration, which is in its working directory."""

    name: str
    arguments: tuple[str, ...]
    files: Files

    @property
    def executable(self) -> str | None:
        return shutil.which(self.name, path=SEARCH_PATH)

    def missing(self) -> str:
        return f"{self.name} is not installed: apt-get install {self.name}"

    def program(self, executable: str, routes: tuple[tuple[str, bytes], ...] = ()) -> Program:
        return Program(self.name, (executable, *self.arguments), routes, files=self.files)


def version_of(executable: str, flag: str = "-v") -> str:
    done = subprocess.run([executable, flag], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True)
    number = re.search(r"\d+\.\d+[\w.+-]*", done.stdout)
    return number[0] if number else "of unknown version"


@dataclass(frozen=True)
class Resource:
    path: str
    body: str
    content_type: str = "text/plain"


def nginx(resources: tuple[Resource, ...], workers: int = 1) -> Package:
    """One process for one worker. More workers need a master, and a listening socket each."""
    locations = "".join(
        f"""
            location = {resource.path} {{
              default_type {resource.content_type};
              return 200 '{resource.body}';
            }}"""
        for resource in resources
    )
    configuration = f"""
        daemon off;
        master_process {"off" if workers == 1 else "on"};
        worker_processes {workers};
        pid nginx.pid;
        error_log stderr crit;
        events {{ worker_connections {CONNECTIONS}; }}
        http {{
          access_log off;
          server_tokens off;
          keepalive_requests 1000000000;
          lingering_timeout 1s;  # less than the wire tests wait
          client_body_temp_path body;
          proxy_temp_path proxy;
          fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
          server {{
            listen 127.0.0.1:{PORT} backlog=8192{" reuseport" if workers > 1 else ""};{locations}
            location / {{ return 404; }}
          }}
        }}"""
    return Package("nginx", ("-p", ".", "-c", "nginx.conf"), (("nginx.conf", configuration),))


def h2o(handlers: str, files: Files = (), workers: int = 1, settings: str = "") -> Package:
    """One process with `workers` threads; `handlers` configures its paths."""
    configuration = f"""
{settings}
listen: {{ host: 127.0.0.1, port: {PORT} }}
num-threads: {workers}
max-connections: {CONNECTIONS}
server-name: chopin
hosts:
  default:
    paths:{handlers}
"""
    return Package("h2o", ("-m", "worker", "-c", "h2o.conf"), (("h2o.conf", configuration), *files))


def h2o_files(resources: tuple[Resource, ...], workers: int = 1) -> Package:
    """Its fastest handler that needs no code: less CPU time per request than mruby. Fields that only files have
    are removed."""
    handlers = "".join(
        f"""
      "{resource.path}":
        - file.file: root{resource.path}
        - file.etag: OFF
        - file.mime.setdefaulttype: {resource.content_type}
        - header.unset: last-modified
        - header.unset: accept-ranges"""
        for resource in resources
    )
    files = tuple((f"root{resource.path}", resource.body) for resource in resources)
    return h2o(handlers, files, workers, "http1-request-timeout: 600  # idle connections are measured")
