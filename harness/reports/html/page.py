"""The conformance report: one HTML file that needs no other file.

The page is readable without its script. The script filters the matrix, moves through it with the
arrow keys, and copies commands.
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
from harness.procedures.registry import CASE_CHECKS, CHECKS
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
from harness.reports.parts.selection import select_cases
from harness.reports.parts.smallest_case import Link
from harness.reports.parts.toolchains import build_installed_packages
from harness.results.schema import SCHEMA_VERSION
from harness.text import format_figure, format_rerun_command, shorten_sentence

if TYPE_CHECKING:
    from harness.results.results import Results

PACKAGE_FOLDER = Path(__file__).parent

QUOTED_PLAIN_VALUE = re.compile(r"""(\s[a-z-]+)="([\w#:.-]+)"(?=[ >])""")
"""An attribute with a value that needs no quotation marks.

The texts of ports are escaped, so they contain no quotation mark.
"""

EMPTY_LINES = re.compile(r">\n\n+<")


def render_page(results: Results) -> str:
    """Return the report on a run as an HTML page.

    Every text that a port printed is escaped, made printable and bounded in length. The content
    security policy of the page forbids other scripts than its own, and all external resources.
    """
    selection = select_cases(results)
    index = Index(results, shown_cases=selection.cases)
    style, script = (read_static_file(name) for name in ("report.css", "report.js"))
    return (
        build_environment()
        .get_template("report.html")
        .render(
            style=Markup(style),
            script=Markup(script),
            policy=build_policy(style, script),
            schema=SCHEMA_VERSION,
            harness=results.run.harness,
            selection=selection.sentence,
            again=format_rerun_command(results.run.again, "PORT", "CASE"),
            overview=build_overview(index),
            legend=signs.LEGEND,
            checks=tuple(CHECKS.values()),
            attention=build_attention(index),
            findings_of_ports=build_findings_of_ports(index),
            finding_links=build_finding_links(index),
            installed_packages=build_installed_packages(index),
            plots=build_plots(index),
            costs=build_costs(index),
            grid=build_grid(index),
            own_examples=build_own_examples(index),
            details=build_details(index),
            case_checks=CASE_CHECKS,
        )
    )


def build_finding_links(index: Index) -> dict[tuple[str, str], Link]:
    """Return a link to each finding, by the name of its port and its own."""
    return {
        (finding.port, finding.id): Link(finding.title, anchor)
        for finding in index.results.findings
        if (anchor := index.finding_anchors.get((finding.port, finding.id)))
    }


def write_html(results: Results, path: Path) -> None:
    """Write the report on a run to `path`, completely or not at all.

    Raises HarnessError if it cannot be written.
    """
    write_atomically(path, minify(render_page(results)))


def minify(page: str) -> str:
    """Return a page without the quotation marks and the empty lines that HTML does not need.

    The style sheet and the script stay as they are, because the policy contains their digests.
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
    """Return the text of a file of the folder `static`."""
    return (PACKAGE_FOLDER / "static" / name).read_text(encoding="utf-8")


def build_policy(style: str, script: str) -> str:
    """Return the content security policy, which admits one style sheet and one script."""
    sources = f"style-src '{hash_source(style)}'; script-src '{hash_source(script)}'"
    return f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'"


def hash_source(text: str) -> str:
    """Return the digest of a text in the form of a content security policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def build_environment() -> Environment:
    """Return the Jinja environment of the templates, which escapes all that is not Markup."""
    templates = Environment(
        loader=FileSystemLoader(PACKAGE_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=sanitize_value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    templates.filters["highlight_line"] = highlight_line
    templates.filters["format_figure"] = format_figure
    templates.filters["render_prose"] = render_prose
    templates.filters["shorten_sentence"] = shorten_sentence
    templates.filters["css_class"] = signs.format_css_class
    templates.globals["SIGNS"] = signs.SIGNS
    templates.globals["MEANINGS"] = signs.MEANINGS
    templates.globals["LETTERS"] = signs.LETTERS
    return templates
