"""Each link of a page leads to a file of the repository, or to a heading that its page has."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    return [page for page in sorted(ROOT.rglob("*.md")) if "build" not in page.relative_to(ROOT).parts[:1]]


def anchors(page: Path) -> set[str]:
    """As GitHub makes them: lower case, dashes for spaces, without punctuation."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


class Links(unittest.TestCase):
    def test_lead_somewhere(self) -> None:
        count = 0
        for page in pages():
            for link in LINK.findall(CODE.sub("", page.read_text())):
                if link.startswith(("http:", "https:")):
                    continue
                count += 1
                with self.subTest(page=str(page.relative_to(ROOT)), link=link):
                    path, _, anchor = link.partition("#")
                    target = (page.parent / path).resolve() if path else page
                    self.assertTrue(target.exists(), "no such file")
                    if anchor:
                        self.assertIn(anchor, anchors(target / "README.md" if target.is_dir() else target))
        self.assertGreater(count, 20)


if __name__ == "__main__":
    unittest.main()
