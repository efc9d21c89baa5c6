"""What TechEmpower's rules say of the page of fortunes, however it is written."""

import html.parser
import re

MESSAGES = [
    (11, '<script>alert("This should not be displayed in a browser alert box.");</script>'),
    (4, "A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1"),
    (5, "A computer program does what you tell it to do, not what you want it to do."),
    (2, "A computer scientist is someone who fixes things that aren't broken."),
    (8, "A list is only as strong as its weakest link. — Donald Knuth"),
    (0, "Additional fortune added at request time."),
    (3, "After enough decimal places, nobody gives a damn."),
    (7, "Any program that runs right is obsolete."),
    (10, "Computers make very fast, very accurate mistakes."),
    (6, "Emacs is a nice operating system, but I prefer UNIX. — Tom Christaensen"),
    (9, "Feature: A bug with seniority."),
    (1, "fortune: No such file or directory"),
    (12, "フレームワークのベンチマーク"),
]

# The page may have these, but need not.
IGNORED = {"meta", "link", "script", "thead", "tbody"}


class Reader(html.parser.HTMLParser):
    """A page as tags and texts. Character references are resolved: there are several for one character."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.seen = []

    def handle_decl(self, decl):
        self.seen.append(f"<!{decl.lower()}>")

    def handle_starttag(self, tag, attrs):
        if tag not in IGNORED:
            self.seen.append(f"<{tag}>")

    def handle_endtag(self, tag):
        if tag not in IGNORED:
            self.seen.append(f"</{tag}>")

    def handle_data(self, data):
        if data.strip():
            self.seen.append(data)


def read(page):
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader.seen


def expected():
    seen = [
        "<!doctype html>",
        "<html>",
        "<head>",
        "<title>",
        "Fortunes",
        "</title>",
        "</head>",
        "<body>",
        "<table>",
        "<tr>",
        "<th>",
        "id",
        "</th>",
        "<th>",
        "message",
        "</th>",
        "</tr>",
    ]
    for number, message in MESSAGES:
        seen += ["<tr>", "<td>", str(number), "</td>", "<td>", message, "</td>", "</tr>"]
    return [*seen, "</table>", "</body>", "</html>"]


def has_raw_markup(page):
    """Whether a message's own markup has reached the page."""
    return re.search(r"<script>\s*alert", page, re.IGNORECASE) is not None
