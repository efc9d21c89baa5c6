"""All rows, in the order of the table."""

from attacks import drips, floods_and_limits, heads_and_bodies, programs_and_groups, unread_and_refused
from attacks.rows import Row

CONTROL = heads_and_bodies.ROWS[0]
ROWS: tuple[Row, ...] = (
    *heads_and_bodies.ROWS,
    *unread_and_refused.ROWS,
    *floods_and_limits.ROWS,
    *drips.ROWS,
    *programs_and_groups.ROWS,
)


def chosen(names: list[str] | None, is_quick: bool) -> list[Row]:
    """The control comes first, always."""
    wanted = [row for row in ROWS if names is None or row.name in names or row is CONTROL]
    return [row for row in wanted if not is_quick or row.quick_seconds is not None]
