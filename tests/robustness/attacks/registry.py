"""All rows, in the order of the table."""

from attacks import heads_and_bodies
from attacks.rows import Row

CONTROL = heads_and_bodies.ROWS[0]
ROWS: tuple[Row, ...] = heads_and_bodies.ROWS


def chosen(names: list[str] | None, is_quick: bool) -> list[Row]:
    """The control comes first, always."""
    wanted = [row for row in ROWS if names is None or row.name in names or row is CONTROL]
    return [row for row in wanted if not is_quick or row.quick_seconds is not None]
