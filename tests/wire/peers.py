"""The servers that the corpus is sent to: chopin, and those it is compared with, each with its own configuration
in a temporary folder. All respond to /, /json, /plaintext and /echo with 200 and to other paths with 404. Only
chopin echoes the content sent to /echo; the others read or discard it, as for any of their resources."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent.parent / "bench"))

from measuring import servers
from measuring.servers import PORT, ServerError, packaged
from measuring.servers.packaged import Package, Resource

BODIES = {"/": "root", "/json": "json", "/plaintext": "Hello, World!", "/echo": "echo"}


def nginx() -> Package:
    return packaged.nginx(tuple(Resource(path, body) for path, body in BODIES.items()))


def h2o() -> Package:
    """With mruby, which accepts any method."""
    found = ", ".join(f'"{path}" => "{body}"' for path, body in BODIES.items())
    return packaged.h2o(f"""
      "/":
        mruby.handler: |
          Proc.new do |env|
            found = {{{found}}}
            text = found[env["PATH_INFO"]]
            [text ? 200 : 404, {{"content-type" => "text/plain"}}, [text || "nothing"]]
          end""")


def lighttpd() -> Package:
    configuration = f"""
        server.document-root = var.CWD + "/root"
        server.bind = "127.0.0.1"
        server.port = {PORT}
        server.modules = ("mod_indexfile", "mod_staticfile")
        index-file.names = ("index")
        mimetype.assign = ("" => "text/plain")
        server.upload-dirs = (var.CWD)
        server.max-request-size = 1024
        """
    files = tuple((f"root/{path[1:] or 'index'}", body) for path, body in BODIES.items())
    return Package("lighttpd", ("-D", "-f", "lighttpd.conf"), (("lighttpd.conf", configuration), *files))


def haproxy() -> Package:
    rules = "\n".join(
        f'    http-request return status 200 content-type text/plain string "{body}" if {{ path {path} }}'
        for path, body in BODIES.items()
    )
    configuration = f"""
global
    nbthread 1
    stats timeout 1s
defaults
    mode http
    timeout client 30s
    timeout http-request 30s
    timeout http-keep-alive 30s
frontend all
    bind 127.0.0.1:{PORT}
    option http-buffer-request
{rules}
    http-request return status 404 content-type text/plain string "nothing"
"""
    return Package("haproxy", ("-db", "-f", "haproxy.cfg"), (("haproxy.cfg", configuration),))


PEERS = {package.name: package for package in (nginx(), h2o(), lighttpd(), haproxy())}


@dataclass(frozen=True)
class Running:
    name: str
    version: str
    port: int


@contextmanager
def peer(name: str) -> Iterator[Running]:
    package = PEERS[name]
    executable = package.executable
    if executable is None:
        raise ServerError(f"{package.missing()}, or choose others with --peers")
    with servers.running(package.program(executable)) as server:
        yield Running(name, packaged.version_of(executable), server.port)


@contextmanager
def chopin(path: Path, mode: str) -> Iterator[Running]:
    """On a port of its own choice. It must stop with status 0: sanitizers report faults by another status."""
    if not path.is_file():
        raise ServerError(f"{path} is missing: build it, or give --chopin")
    program = str(path.resolve())
    command = (program, "--port", "0", "--mode", mode, "--workers", "2", "--pin-cpus", "false")
    passed_on = ("ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "HTTP_HEAD_MEMO", "HTTP_HEAD_SCANNER")
    kept = tuple((name, os.environ[name]) for name in passed_on if name in os.environ)
    in_production = ("ENVIRONMENT", "production")  # which logs no requests
    with servers.running(servers.Program("chopin", command, (), variables=(in_production, *kept))) as server:
        try:
            yield Running("chopin", packaged.version_of(program, "--version"), server.port)
        except ConnectionError:
            raise ServerError(f"chopin has ended: {server.report()}") from None
        server.stop()
