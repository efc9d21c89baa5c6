"""The HTML elements of the report. Text is escaped here."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape


def document(title: str, css: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{css}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def paragraph(text: str, kind: str = "") -> str:
    return f"<p{_class(kind)}>{escape(text)}</p>"


def heading(text: str, anchor: str) -> str:
    return f'<h2 id="{escape(anchor)}">{escape(text)}</h2>'


def definitions(rows: Mapping[str, object]) -> str:
    pairs = "".join(f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in rows.items())
    return f"<dl>{pairs}</dl>"


def folded(summary: str, content: str, is_open: bool = False) -> str:
    return f"<details{' open' if is_open else ''}><summary>{escape(summary)}</summary>{content}</details>"


def table(titles: Sequence[str], lines: Iterable[str], text_columns: Sequence[str] = ()) -> str:
    heads = "".join(
        f'<th scope="col"{_class("text" if title in text_columns else "")}>{escape(title)}</th>'
        for title in titles
    )
    body = "".join(lines)
    return f'<div class="table"><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'


def line(cells: Sequence[str], *kinds: str) -> str:
    return f"<tr{_class(' '.join(filter(None, kinds)))}>{''.join(cells)}</tr>"


def name_cell(name: str) -> str:
    return f'<th scope="row">{escape(name)}</th>'


def group_line(name: str, width: int) -> str:
    return line([f'<th scope="rowgroup" colspan="{width}">{escape(name)}</th>'])


def cell(text: str, kind: str = "", width: int = 1) -> str:
    span = f' colspan="{width}"' if width > 1 else ""
    return f"<td{_class(kind)}{span}>{escape(text)}</td>"


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
