"""How two responses differ."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Parts:
    status_line: str
    fields: dict[str, tuple[str, str]]  # by lower-case name: the name as spelt, and the value
    body: bytes


def _parts(response: bytes) -> Parts:
    head, _, body = response.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    pairs = [line.partition(":") for line in lines]
    fields = {name.lower(): (name, value.strip()) for name, _, value in pairs}
    return Parts(status_line, fields, body)


def differences(response: bytes, reference: bytes) -> list[str]:
    """What only one of `response` and `reference` has. Empty if they are equal."""
    given, due = _parts(response), _parts(reference)
    common = [name for name in given.fields if name in due.fields]
    found = []
    if given.status_line != due.status_line:
        found.append(given.status_line)
    for name, (spelt, value) in given.fields.items():
        if name not in due.fields or value != due.fields[name][1]:
            found.append(f"{spelt}: {value}")
    found += [f"no {spelt}" for name, (spelt, _) in due.fields.items() if name not in given.fields]
    if common != [name for name in due.fields if name in given.fields]:
        found.append("fields in another order")
    respelt = [given.fields[name][0] for name in common if given.fields[name][0] != due.fields[name][0]]
    if respelt:
        found.append(f"spelt {', '.join(respelt)}")
    if given.body != due.body:
        found.append("another body")
    return found
