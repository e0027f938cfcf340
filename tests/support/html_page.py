"""The HTML report of results, parsed."""

from __future__ import annotations

from html.parser import HTMLParser

from harness.reports.html.page import render_page
from harness.results.results import Results

SEPARATE_TAGS = {"td", "th", "pre", "details", "summary"}
"""Elements that are separate from the text before them even without white space."""


class ReportPage(HTMLParser):
    """The page of results, and the parts of it that tests examine.

    `source` is the HTML, `ids` and `tags` are in the order of the page, `text` is all text, and
    `starts` are the positions in the text at which the elements with an id begin.
    """

    def __init__(self, results: Results) -> None:
        super().__init__()
        self.source = render_page(results)
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.starts: dict[str, int] = {}
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.text += " " if tag in SEPARATE_TAGS else ""
        self.tags.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
            self.starts[attributes["id"]] = len(self.text)

    def handle_data(self, data: str) -> None:
        self.text += data

    def list_attributes(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of each element that has the tag."""
        return [attributes for name, attributes in self.tags if name == tag]

    def get_text_between(self, start: str, end: str) -> str:
        """Return the text from one id to another, each run of white space as one blank."""
        return " ".join(self.text[self.starts[start] : self.starts[end]].split())

    def get_attention_text(self) -> str:
        """Return the text of the section on new problems."""
        return self.get_text_between("attention", "findings")

    def get_findings_text(self) -> str:
        """Return the text of the section on findings."""
        return self.get_text_between("findings", "ports")

    def find_cells(self) -> dict[str, dict[str, str]]:
        """Return the attributes of the matrix cells by the start of their labels: `C, one`."""
        labelled = [a for a in self.list_attributes("a") if "aria-label" in a]
        return {a["aria-label"].partition(":")[0]: a for a in labelled}
