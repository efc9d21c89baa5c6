"""Rows of many connections: more than there is room for, new ones without end, all that end at once."""

from attacks import requests
from attacks.habit import Habit
from attacks.rows import Row, held
from attacks.settings import Settings

LIMITED = Settings(connections=500)

ROWS = (
    Row(
        "idle at the limit",
        "600 keep-alive connections after a request each; a limit of 500",
        (Habit(600, requests.GET),),
        LIMITED,
        each=held(len(requests.GET)),
    ),
    Row(
        "now and then at the limit",
        "the same with a request each second, and back a second after the server has closed one",
        (Habit(600, requests.GET, drip=requests.GET, drip_piece=4096, every=1.0, returns=True, pause=1.0),),
        LIMITED,
        each=held(len(requests.GET)),
        quick_seconds=2.5,
    ),
    Row(
        "silent at the limit",
        "600 connections that say nothing, and back a second after the server has closed one; a limit of 500",
        (Habit(600, returns=True, pause=1.0),),
        LIMITED,
        each=held(0),
        quick_seconds=1.5,
    ),
    Row(
        "16,000 end at once",
        "idle after a request of all at the same time, with an idle timeout of 3 s",
        (Habit(16_000, together=requests.GET),),
        Settings(idle_seconds=3, header_seconds=20),
        each=held(len(requests.GET)),
        seconds=10.0,
        quick_seconds=5.0,
        cannot={"apache2": "has 150 threads", "haproxy": "needs two descriptors a connection"},
    ),
    Row(
        "connect, GET, close",
        "64 clients at full speed",
        (Habit(64, requests.GET, leaves=True),),
        each=held(len(requests.GET)),
        quick_seconds=1.5,
    ),
    Row(
        "connect, half a GET, reset",
        "64 clients at full speed",
        (Habit(64, requests.GET[:20], resets=True),),
        each=held(20),
    ),
)
