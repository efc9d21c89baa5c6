"""The servers that the corpus is sent to: chopin, and those it is compared with, each with a configuration of
its own in a temporary folder. All answer /, /json, /plaintext and /echo with 200 and other paths with 404. Only
chopin gives back what is sent to /echo; the others read it, or throw it away, as they do for any resource of
theirs."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent.parent / "bench"))

import servers  # noqa: E402
from servers import ServerError  # noqa: E402

START_SECONDS = 30
STOP_SECONDS = 30
ATTEMPTS = 5  # the port that was free may have been taken since
SEARCH_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))


def nginx(folder: Path, port: int) -> list[str]:
    (folder / "nginx.conf").write_text(f"""
        daemon off;
        worker_processes 1;
        pid {folder}/nginx.pid;
        error_log stderr crit;
        events {{ worker_connections 512; }}
        http {{
          access_log off;
          lingering_timeout 1s;  # shorter than a conversation waits
          client_body_temp_path {folder}/body;
          proxy_temp_path {folder}/proxy;
          fastcgi_temp_path {folder}/fastcgi;
          uwsgi_temp_path {folder}/uwsgi;
          scgi_temp_path {folder}/scgi;
          default_type text/plain;
          server {{
            listen 127.0.0.1:{port} backlog=1024;
            location = / {{ return 200 "root"; }}
            location = /json {{ return 200 "json"; }}
            location = /plaintext {{ return 200 "Hello, World!"; }}
            location = /echo {{ return 200 "echo"; }}
            location / {{ return 404; }}
          }}
        }}""")
    return ["-p", str(folder), "-c", str(folder / "nginx.conf")]


def h2o(folder: Path, port: int) -> list[str]:
    (folder / "h2o.conf").write_text(f"""
listen: {{ host: 127.0.0.1, port: {port} }}
num-threads: 1
access-log: /dev/null
hosts:
  default:
    paths:
      "/":
        mruby.handler: |
          Proc.new do |env|
            found = {{"/" => "root", "/json" => "json", "/plaintext" => "Hello, World!", "/echo" => "echo"}}
            text = found[env["PATH_INFO"]]
            [text ? 200 : 404, {{"content-type" => "text/plain"}}, [text || "nothing"]]
          end
""")
    return ["-m", "worker", "-c", str(folder / "h2o.conf")]


def lighttpd(folder: Path, port: int) -> list[str]:
    root = folder / "root"
    root.mkdir()
    files = {"index": "root", "json": "json", "plaintext": "Hello, World!", "echo": "echo"}
    for name, content in files.items():
        (root / name).write_text(content)
    (folder / "lighttpd.conf").write_text(f"""
        server.document-root = "{root}"
        server.bind = "127.0.0.1"
        server.port = {port}
        server.modules = ("mod_indexfile", "mod_staticfile")
        index-file.names = ("index")
        mimetype.assign = ("" => "text/plain")
        server.upload-dirs = ("{folder}")
        server.max-request-size = 1024
        """)
    folder.chmod(0o755)
    return ["-D", "-f", str(folder / "lighttpd.conf")]


def haproxy(folder: Path, port: int) -> list[str]:
    answers = {"/": "root", "/json": "json", "/plaintext": "Hello, World!", "/echo": "echo"}
    rules = "\n".join(
        f'    http-request return status 200 content-type text/plain string "{content}" if {{ path {path} }}'
        for path, content in answers.items()
    )
    (folder / "haproxy.cfg").write_text(f"""
global
    nbthread 1
    stats timeout 1s
defaults
    mode http
    timeout client 30s
    timeout http-request 30s
    timeout http-keep-alive 30s
frontend all
    bind 127.0.0.1:{port}
    option http-buffer-request
{rules}
    http-request return status 404 content-type text/plain string "nothing"
""")
    return ["-db", "-f", str(folder / "haproxy.cfg")]


# Each writes its configuration into a folder, and gives back the arguments that make the server use it.
PEERS: dict[str, Callable[[Path, int], list[str]]] = {
    "nginx": nginx,
    "h2o": h2o,
    "lighttpd": lighttpd,
    "haproxy": haproxy,
}


@dataclass(frozen=True)
class Running:
    name: str
    version: str
    port: int


@contextmanager
def peer(name: str) -> Iterator[Running]:
    """Starts it on a free port of the loopback interface, and stops it at the end."""
    program = shutil.which(name, path=SEARCH_PATH)
    if program is None:
        raise ServerError(f"{name} is not installed: apt-get install {name}, or choose others with --peers")
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as output:
        for attempt in range(ATTEMPTS):
            port = _free_port()
            place = Path(folder) / str(attempt)
            place.mkdir()
            Path(folder).chmod(0o755)  # a server started as root reads as somebody else
            command = [program, *PEERS[name](place, port)]
            process = subprocess.Popen(
                command, cwd=place, stdout=output, stderr=output, start_new_session=True
            )
            try:
                if _listens(process, port):
                    yield Running(name, _version(program, "-v"), port)
                    return
            finally:
                _end(process)
        output.seek(0)
        raise ServerError(f"{name} does not start: {output.read().decode(errors='replace').strip()}")


@contextmanager
def chopin(path: Path, mode: str) -> Iterator[Running]:
    """Lets it choose its port. It must stop as told, with status 0: sanitizers speak up by theirs."""
    if not path.is_file():
        raise ServerError(f"{path} is not there: build it, or give --chopin")
    program = str(path.resolve())
    command = (program, "--port", "0", "--mode", mode, "--workers", "2", "--pin-cpus", "false")
    passed_on = ("ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "HTTP_HEAD_MEMO", "HTTP_HEAD_SCANNER")
    kept = tuple((name, os.environ[name]) for name in passed_on if name in os.environ)
    in_production = ("ENVIRONMENT", "production")  # which logs no requests
    with servers.running(servers.Program("chopin", command, (), variables=(in_production, *kept))) as server:
        try:
            yield Running("chopin", _version(program, "--version"), server.port)
        except ConnectionError:
            raise ServerError(f"chopin is gone: {server.report()}") from None
        server.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return True
        except ConnectionRefusedError:
            time.sleep(0.02)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.terminate()
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # its workers too
        process.wait()


def _version(program: str, flag: str) -> str:
    done = subprocess.run(
        [program, flag], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True
    )
    number = re.search(r"\d+\.\d+[\w.+-]*", done.stdout)
    return number[0] if number else "of unknown version"
