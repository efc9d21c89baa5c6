"""The HTML elements of the report. Text is escaped here."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape


def element(tag: str, content: str, **attributes: str | int) -> str:
    """`content` is markup; `kind` is the class. Attributes without a value are left out."""
    named = {"class" if name == "kind" else name: escape(str(value)) for name, value in attributes.items() if value}
    written = "".join(f' {name}="{value}"' for name, value in named.items())
    return f"<{tag}{written}>{content}</{tag}>"


def document(title: str, css: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{css}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def paragraph(text: str, kind: str = "") -> str:
    return element("p", escape(text), kind=kind)


def heading(text: str, anchor: str) -> str:
    return element("h2", escape(text), id=anchor)


def link(text: str, anchor: str) -> str:
    return element("a", escape(text), href=f"#{anchor}")


def definitions(rows: Mapping[str, object]) -> str:
    pairs = (element("dt", escape(name)) + element("dd", escape(str(value))) for name, value in rows.items())
    return element("dl", "".join(pairs))


def folded(summary: str, content: str) -> str:
    return element("details", element("summary", escape(summary)) + content)


def table(titles: Sequence[str], lines: Iterable[str], text_columns: Sequence[str] = ()) -> str:
    kinds = ((title, "text" if title in text_columns else "") for title in titles)
    heads = "".join(element("th", escape(title), scope="col", kind=kind) for title, kind in kinds)
    head = element("thead", element("tr", heads))
    return element("div", element("table", head + element("tbody", "".join(lines))), kind="table")


def line(cells: Sequence[str], *kinds: str) -> str:
    return element("tr", "".join(cells), kind=" ".join(filter(None, kinds)))


def name_cell(name: str) -> str:
    return element("th", escape(name), scope="row")


def group_line(name: str, width: int) -> str:
    return line([element("th", escape(name), scope="rowgroup", colspan=width)])


def cell(text: str, kind: str = "", width: int = 1) -> str:
    return element("td", escape(text), kind=kind, colspan=width if width > 1 else "")
