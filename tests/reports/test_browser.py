"""The report in a real browser: opened from disk, with and without its script."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from harness.model.verdict import Outcome
from harness.procedures.registry import CASE_CHECKS
from harness.reports.html.page import write_html
from harness.results.results import Results
from support.hostile_results import build_hostile_results
from support.run_results import (
    build_case,
    build_explained_verdict,
    build_port,
    build_results,
    build_right_verdicts,
    build_run_with_findings,
    build_small_run,
    build_verdict,
    build_wrong_verdict,
)

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
FORM, VALUE = "echelon.form", "solution.value"
VIEWPORT = {"width": 1280, "height": 900}
UNFOLD = "document.querySelectorAll('details').forEach((fold) => fold.open = true)"
PHONE = {"width": 400, "height": 800}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=VIEWPORT)
    yield context
    context.close()


Open = Callable[..., Page]


@pytest.fixture
def opened(context: BrowserContext, tmp_path: Path) -> Iterator[Open]:
    """A function that opens the page of some results.

    The page must print nothing to the console and request nothing but itself.
    """
    messages: list[str] = []
    requests: list[str] = []

    def opened(results: Results, fragment: str = "") -> Page:
        path = tmp_path / "conformance.html"
        write_html(results, path)
        page = context.new_page()
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(f"{path.as_uri()}{fragment}")
        return page

    yield opened
    assert messages == []
    assert all(url.startswith("file:") for url in requests)
    assert len({url.partition("#")[0] for url in requests}) == 1


def matrix() -> Results:
    """Two ports on four cases, two of which have the same outcomes."""
    return build_small_run(
        build_wrong_verdict("one"),
        build_verdict("d", "two", VALUE, Outcome.CRASHED),
        cases=("one", "two", "three", "four"),
    )


def visible(page: Page) -> list[str]:
    """The cases whose rows can be seen."""
    names = page.locator("#matrix tr.case:visible th a")
    return [name.strip() for name in names.all_inner_texts()]


@pytest.mark.parametrize("fragment", ["#%E0%A4%A", "#nothing", "#view?kind=%E0%A4%A"])
def test_an_address_that_names_nothing_does_no_harm(opened: Open, fragment: str) -> None:
    page = opened(matrix(), fragment)
    page.locator("#filters input").fill("four")
    assert visible(page) == ["four"]


class TestFilters:
    def test_rows_with_equal_outcomes_are_folded_and_can_be_unfolded(self, opened: Open) -> None:
        page = opened(matrix())
        assert visible(page) == ["one", "two", "three"]
        page.get_by_text("1 more with the same outcomes").click()
        assert visible(page) == ["one", "two", "three", "four"]

    @pytest.mark.parametrize(
        ("choice", "cases"),
        [
            ({"text": "FOUR"}, ["four"]),
            ({"text": "thr"}, ["three"]),
            ({"outcome": "any deviation"}, ["one", "two"]),
            ({"outcome": "crashed"}, ["two"]),
            ({"outcome": "any deviation", "port": "C"}, ["one"]),
            ({"outcome": "wrong", "check": "solution.value"}, []),
            ({"outcome": "crashed", "check": "solution.value"}, ["two"]),
        ],
    )
    def test_they_show_the_matching_cases_only(
        self, opened: Open, choice: dict[str, str], cases: list[str]
    ) -> None:
        page = opened(matrix())
        for name, value in choice.items():
            field = page.locator(f"#filters [name={name}]")
            field.fill(value) if name == "text" else field.select_option(label=value)
        assert visible(page) == cases
        assert page.locator("#filters output").inner_text() == f"{len(cases)} of 4 cases"
        page.get_by_role("button", name="Show all").click()
        page.get_by_text("1 more with the same outcomes").wait_for()
        assert len(visible(page)) == 3

    def test_a_kind_hides_the_others(self, opened: Open) -> None:
        cases = [build_case("one"), build_case("flat", kind="singular")]
        verdicts = [*build_right_verdicts("c", "one"), *build_right_verdicts("c", "flat")]
        page = opened(build_results([build_port("c")], cases, [], verdicts))
        page.locator("#filters [name=kind]").select_option("singular")
        assert visible(page) == ["flat"]

    def test_a_view_can_be_linked(self, opened: Open) -> None:
        page = opened(matrix())
        page.locator("#filters [name=outcome]").select_option(label="crashed")
        page.locator("#filters [name=text]").fill("t")
        fragment = page.evaluate("location.hash")
        assert fragment == "#view?text=t&outcome=c"
        again = opened(matrix(), fragment)
        assert visible(again) == ["two"]
        assert again.locator("#filters [name=text]").input_value() == "t"

    def test_a_link_to_a_folded_element_opens_it(self, opened: Open) -> None:
        page = opened(matrix(), "#case:two:d")
        detail = page.locator("details.case", has=page.locator("[id='case:two:d']"))
        detail.locator(".body").wait_for()
        assert detail.evaluate("node => node.open")


class TestKeyboard:
    def test_arrows_move_enter_opens_and_escape_returns(self, opened: Open) -> None:
        page = opened(matrix())

        def focused() -> str:
            label = page.evaluate("document.activeElement.getAttribute('aria-label')")
            return str(label).partition(":")[0]

        page.locator("#matrix tr.case td a").first.focus()
        assert focused() == "C, one"
        page.keyboard.press("ArrowRight")
        assert focused() == "D, one"
        page.keyboard.press("ArrowDown")
        assert focused() == "D, two"
        page.keyboard.press("ArrowLeft")
        assert focused() == "C, two"
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        detail = page.locator("details.case", has=page.locator("[id='case:one:c']"))
        assert detail.evaluate("node => node.open")
        page.locator("#cases :focus").wait_for()
        page.keyboard.press("Escape")
        assert not detail.evaluate("node => node.open")
        assert focused() == "C, one"

    def test_a_slash_searches(self, opened: Open) -> None:
        page = opened(matrix())
        page.keyboard.press("/")
        page.keyboard.type("two/")
        assert page.locator("#filters [name=text]").input_value() == "two/"
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement === document.body")

    def test_folded_rows_are_skipped(self, opened: Open) -> None:
        page = opened(matrix())
        page.locator("#matrix tr.case td a").first.focus()
        for _ in range(9):
            page.keyboard.press("ArrowDown")
        label = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert label.startswith("C, three")


def test_a_button_copies_a_command(opened: Open, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = opened(build_run_with_findings(build_explained_verdict()))
    page.evaluate(UNFOLD)
    command = page.locator(".again code").first
    command.locator("xpath=following-sibling::button[1]").click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == command.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "build_run",
    [
        matrix,
        lambda: build_run_with_findings(
            build_explained_verdict(), build_wrong_verdict(check=VALUE)
        ),
    ],
)
def test_the_page_is_accessible(
    opened: Open, scheme: str, build_run: Callable[[], Results]
) -> None:
    page = opened(build_run())
    page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
    page.evaluate(UNFOLD)
    report = Axe().run(page)
    assert report.violations_count == 0, report.generate_report()


@pytest.mark.parametrize("viewport", [VIEWPORT, PHONE])
def test_the_page_never_scrolls_sideways(opened: Open, viewport: dict[str, int]) -> None:
    page = opened(build_hostile_results())
    page.set_viewport_size({"width": viewport["width"], "height": viewport["height"]})
    page.evaluate(UNFOLD)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_the_page_can_be_read_without_its_script(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    write_html(matrix(), tmp_path / "page.html")
    page.goto((tmp_path / "page.html").as_uri())
    assert not page.locator("#filters").is_visible()
    page.get_by_text("1 more with the same outcomes").click()
    assert page.get_by_role("link", name="four").first.is_visible()
    page.locator("details.case summary").first.click()
    assert page.locator("details.case .body").first.is_visible()
    context.close()


def test_what_a_port_prints_does_nothing(opened: Open) -> None:
    page = opened(build_hostile_results())
    assert page.locator("script").count() == 1
    assert page.evaluate("document.querySelectorAll('img, iframe, object').length") == 0
    assert "<script>alert(1)</script>" in page.locator("body").inner_text()


MANY_PORTS, MANY_CASES = 20, 500
MAXIMUM_MILLISECONDS = 1_000
"""Far more than a filter takes, which is some tens of milliseconds on a small machine."""


def test_a_large_run_opens_and_filters_without_delay(opened: Open) -> None:
    ports = [build_port(f"p{number:02}") for number in range(MANY_PORTS)]
    cases = [build_case(f"case-{number:03}") for number in range(MANY_CASES)]
    verdicts = [
        build_verdict(
            port["name"], case["name"], check, Outcome.WRONG if (i + j) % 40 == 0 else Outcome.RIGHT
        )
        for i, port in enumerate(ports)
        for j, case in enumerate(cases)
        for check in CASE_CHECKS
    ]
    page = opened(build_results(ports, cases, [], verdicts))
    milliseconds = page.evaluate(
        """() => {
            const start = performance.now();
            const field = document.querySelector('#filters [name=outcome]');
            field.value = 'w';
            field.dispatchEvent(new Event('input', {bubbles: true}));
            document.body.offsetHeight;
            return performance.now() - start;
        }"""
    )
    assert visible(page)
    assert milliseconds < MAXIMUM_MILLISECONDS
