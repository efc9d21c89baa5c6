"""Ordinary and hostile requests, each with the allowed outcomes. `case` describes the format."""

from . import connections, fields, framing, request_lines

GROUPS = request_lines.GROUPS + fields.GROUPS + framing.GROUPS + connections.GROUPS
