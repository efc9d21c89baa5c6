"""Requests, ordinary and hostile, with what may be answered to each. `case` says how they are written."""

from . import connections, fields, framing, request_lines

GROUPS = request_lines.GROUPS + fields.GROUPS + framing.GROUPS + connections.GROUPS
