"""Settings in the words of nginx, Apache and HAProxy; what a row does not ask for is as Debian installs it."""

from measuring.servers import JSON

from attacks.settings import Settings

WELCOME = '{"name":"a server","version":"1.0","docs":"https://example.org/docs","mode":"standard"}'
MOST_CONNECTIONS = 18000
MOST_OF_HAPROXY = 9000  # it needs two descriptors for each
APACHE_THREADS = 150  # Debian's MaxRequestWorkers
MODULES = ("mpm_event", "authz_core", "dir", "reqtimeout", "proxy", "proxy_http")


def nginx(port: str, settings: Settings, echo: int, silence: int) -> str:
    """A field is in one buffer as a whole, so that some room in each is lost."""
    return f"""
        daemon off;
        master_process off;
        pid nginx.pid;
        error_log stderr crit;
        events {{ worker_connections {settings.connections or MOST_CONNECTIONS}; }}
        http {{
          access_log off;
          client_header_timeout {settings.header_seconds}s;
          client_body_timeout {settings.body_seconds}s;
          keepalive_timeout {settings.idle_seconds}s;
          send_timeout {settings.write_seconds}s;
          large_client_header_buffers {max(4, settings.head_bytes // 4096)} 8k;
          client_max_body_size {settings.body_bytes};
          client_body_temp_path body;
          proxy_temp_path proxy;
          fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
          server {{
            listen 127.0.0.1:{port};
            location = /json {{ default_type application/json; return 200 '{JSON.decode()}'; }}
            location = / {{ default_type application/json; return 200 '{WELCOME}'; }}
            location = /echo {{ proxy_pass http://127.0.0.1:{echo}; }}
            location = /db {{ proxy_pass http://127.0.0.1:{silence}; proxy_read_timeout {settings.slow_seconds}s; }}
          }}
        }}"""


def apache(port: str, settings: Settings, echo: int, silence: int) -> str:
    """One process, with as many threads as Debian allows in all."""
    load = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES)
    most = settings.connections or APACHE_THREADS
    threads = min(most, APACHE_THREADS)
    header, body = settings.header_seconds, settings.body_seconds
    return f"""
PidFile apache.pid
ServerName localhost
Listen 127.0.0.1:{port}
{load}
User www-data
Group www-data
ErrorLog /dev/stderr
LogLevel crit
DocumentRoot root
DirectoryIndex index.html
ServerLimit 1
StartServers 1
ThreadLimit {threads}
ThreadsPerChild {threads}
MaxRequestWorkers {threads}
RequestReadTimeout header={header}-{2 * header},MinRate=500 body={body},MinRate=500
KeepAliveTimeout {settings.idle_seconds}
Timeout {settings.largest_write}
LimitRequestFields {settings.fields}
LimitRequestBody {settings.body_bytes}
ProxyPass /echo http://127.0.0.1:{echo}/echo
ProxyPass /db http://127.0.0.1:{silence}/db timeout={settings.slow_seconds}
"""


def haproxy(port: str, settings: Settings, echo: int, silence: int) -> str:
    """A buffer holds a head and some room that is kept free for rewriting it."""
    return f"""
global
  nbthread 1
  maxconn {settings.connections or MOST_OF_HAPROXY}
  tune.bufsize {max(16384, settings.head_bytes + 8192)}
  tune.http.maxhdr {max(101, settings.fields + 10)}
defaults
  mode http
  timeout connect 5s
  timeout client {settings.largest_write}s
  timeout server 50s
  timeout http-request {settings.header_seconds}s
  timeout http-keep-alive {settings.idle_seconds}s
frontend all
  bind 127.0.0.1:{port}
  http-request return status 200 content-type application/json string {_quoted(JSON.decode())} if {{ path /json }}
  http-request return status 200 content-type application/json string {_quoted(WELCOME)} if {{ path / }}
  use_backend silence if {{ path /db }}
  default_backend echo
backend echo
  server echo 127.0.0.1:{echo}
backend silence
  timeout server {settings.slow_seconds}s
  server silence 127.0.0.1:{silence}
"""


def _quoted(text: str) -> str:
    escaped = text.replace('"', '\\"')
    return f'"{escaped}"'
