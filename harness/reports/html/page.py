"""The conformance report: one HTML file that needs nothing else.

All of it can be read without its script, which filters the matrix, moves through it by keyboard and
copies commands.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.files import write_atomically
from harness.model.check import CASE_CHECKS, Check
from harness.reports.html.costs import build_costs
from harness.reports.html.details import build_details
from harness.reports.html.grid import build_grid
from harness.reports.html.highlight import highlight_line
from harness.reports.html.markup import render_prose, sanitize_value
from harness.reports.html.own_examples import build_own_examples
from harness.reports.html.plots import build_plots
from harness.reports.parts import signs
from harness.reports.parts.attention import build_attention
from harness.reports.parts.findings import build_findings_of_ports
from harness.reports.parts.index import Index
from harness.reports.parts.overview import build_overview
from harness.reports.parts.smallest_case import Link
from harness.text import format_figure, shorten_sentence

if TYPE_CHECKING:
    from harness.results.schema import Results

PACKAGE_FOLDER = Path(__file__).parent

QUOTED_PLAIN_VALUE = re.compile(r"""(\s[a-z-]+)="([\w#:.-]+)"(?=[ >])""")
"""A value that needs no quotes. What ports print is escaped, and holds no quotation mark."""

EMPTY_LINES = re.compile(r">\n\n+<")


def render_page(results: Results) -> str:
    """The report on a run, as a page.

    Whatever a port printed is escaped, made printable and bounded in length on its way into the
    page; besides, the page's own policy forbids any script but its own and anything from outside.
    """
    index = Index(results)
    style, script = (read_static_file(name) for name in ("report.css", "report.js"))
    return (
        build_environment()
        .get_template("report.html")
        .render(
            style=Markup(style),
            script=Markup(script),
            policy=build_policy(style, script),
            schema=results.schema_version,
            harness=results.run.harness,
            summary=build_overview(index),
            legend=signs.LEGEND,
            checks=tuple(Check),
            attention=build_attention(index),
            dossiers=build_findings_of_ports(index),
            findings=build_finding_links(index),
            plots=build_plots(index),
            costs=build_costs(index),
            grid=build_grid(index),
            examples=build_own_examples(index),
            details=build_details(index),
            case_checks=CASE_CHECKS,
        )
    )


def build_finding_links(index: Index) -> dict[tuple[str, str], Link]:
    """Each finding's title and place, by its port's name and its own."""
    return {
        (finding.port, finding.id): Link(finding.title, place)
        for finding in index.results.findings
        if (place := index.finding_places.get((finding.port, finding.id)))
    }


def write_page(results: Results, path: Path) -> None:
    """Write the report on a run to `path`, which then holds either all of it or what it held.

    Raises HarnessError where it cannot be written.
    """
    write_atomically(path, minify(render_page(results)))


def minify(page: str) -> str:
    """The page without what HTML can do without: quotes around plain values, and empty lines.

    Not in its script and style, whose digests its policy names.
    """
    head, style, body = page.partition("</style>")
    body, script, rest = body.partition("<script>")
    return (
        head
        + style
        + EMPTY_LINES.sub(">\n<", QUOTED_PLAIN_VALUE.sub(r"\1=\2", body))
        + script
        + rest
    )


def read_static_file(name: str) -> str:
    """A file that goes into the page as it is."""
    return (PACKAGE_FOLDER / "static" / name).read_text(encoding="utf-8")


def build_policy(style: str, script: str) -> str:
    """The content security policy: nothing but the one style sheet and the one script in it."""
    sources = f"style-src '{hash_source(style)}'; script-src '{hash_source(script)}'"
    return f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'"


def hash_source(text: str) -> str:
    """What a policy calls a text by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def build_environment() -> Environment:
    """The templates, in which everything is escaped that is not marked as HTML."""
    templates = Environment(
        loader=FileSystemLoader(PACKAGE_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=sanitize_value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    templates.filters["highlighted"] = highlight_line
    templates.filters["figure"] = format_figure
    templates.filters["prose"] = render_prose
    templates.filters["short"] = shorten_sentence
    templates.filters["style_of"] = signs.format_css_class
    templates.globals["SIGNS"] = signs.SIGNS
    templates.globals["MEANINGS"] = signs.MEANINGS
    templates.globals["LETTERS"] = signs.LETTERS
    return templates
