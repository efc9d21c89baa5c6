"""The servers that are measured: how they are started, asked, checked and stopped."""

from measuring.servers.check import Responses, check
from measuring.servers.client import Client, Response, request
from measuring.servers.ours import (
    COMPOSED,
    PREBUILT,
    STANDARD,
    Mode,
    arena,
    chopin,
    floor,
    floor_of_sums,
    typed,
    waiting,
)
from measuring.servers.program import (
    CHOPIN,
    DEEPEST,
    FLOOR,
    HELLO,
    HELLO_ROUTES,
    JSON,
    JSON_PATH,
    PATH,
    PORT,
    PRODUCT_FAULTS,
    PRODUCT_ROUTES,
    PRODUCTS_PATH,
    SUM_PATH,
    SUM_ROUTES,
    SUMS,
    Exemption,
    Program,
    ServerError,
)
from measuring.servers.running import Server, running
