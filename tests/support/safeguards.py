"""The safeguards against ports that misbehave, each with the tests that need it.

A safeguard is a piece of a file, with the text that the file has there without the safeguard.
tests/end_to_end/test_safeguards.py removes one at a time, and checks that its tests fail.

Two faulty ports need no safeguard of their own. `exits-at-end` loses nothing because an answer is
complete with its `end`, and the exit status afterwards is ignored. `mislabels-stderr` assigns lines
on standard error to another of its own cases, and its markers are believed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HARMLESS = frozenset({"correct", "exits-at-end", "mislabels-stderr"})
"""The ports of tests/support/faulty_ports that need no safeguard."""

PORT_OF_TEST = re.compile(r"\[(?:local|docker)-([a-z-]+)\]$")


@dataclass(frozen=True)
class Safeguard:
    """`text`, which occurs once in `file`, and its `replacement` without the safeguard.

    Without it `tests` fail, or do not end if `endless`. For tests about a run of all faulty ports,
    `against` names the few ports that are run.
    """

    name: str
    file: str
    text: str
    replacement: str
    tests: tuple[str, ...]
    endless: bool = False
    against: tuple[str, ...] = ()

    @property
    def tests_to_run(self) -> tuple[str, ...]:
        """The tests, and the tests that make the faulty ports run that they need."""
        return (*self.tests, *loss_tests(*self.against))

    @property
    def ports(self) -> frozenset[str]:
        """The ports of tests/support/faulty_ports against which it is needed."""
        matches = (PORT_OF_TEST.search(test) for test in self.tests)
        return frozenset((*self.against, *(match[1] for match in matches if match)))


def loss_tests(*ports: str, engine: str = "local") -> tuple[str, ...]:
    """Return the tests of the cases that faulty ports lose."""
    test = "test_it_loses_its_own_cases_and_no_other"
    return tuple(
        f"tests/end_to_end/test_endurance.py::TestAFaultyPort::{test}[{engine}-{p}]" for p in ports
    )


def session_tests(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/unit/test_session.py::{test}" for test in tests)


def docker_tests(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/engines/test_docker.py::{test}" for test in tests)


def seccomp_tests(*calls: str) -> tuple[str, ...]:
    test = "test_what_reaches_beyond_a_container_is_denied"
    return tuple(f"tests/engines/test_seccomp.py::{test}[{call}]" for call in calls)


def container_limit(name: str, option: str, *tests: str) -> Safeguard:
    """Return the safeguard for one option with which a container is started."""
    file = "harness/engines/docker/containers.py"
    return Safeguard(
        name, file, option, "", docker_tests(*(f"TestConfinement::{t}" for t in tests))
    )


def endurance_tests(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/end_to_end/test_endurance.py::{test}" for test in tests)


def seam_tests(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/end_to_end/test_failures_of_one_port.py::{test}" for test in tests)


def after_run_tests(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/end_to_end/test_failures_after_runs.py::{test}" for test in tests)


def exact_number_tests(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/unit/test_exact_numbers.py::{test}" for test in tests)


def pool_tests(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/unit/test_judge_pool.py::{test}" for test in tests)


def port_tests(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/unit/test_ports.py::{test}" for test in tests)


def init_tests(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/end_to_end/test_init.py::{test}" for test in tests)


def local_tests(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/engines/test_local.py::{test}" for test in tests)


SESSION = "harness/protocol/session.py"
CONNECTION = "harness/protocol/connection.py"
HANG_LIMIT = "harness/protocol/hang_limit.py"
COUNTDOWN = "harness/protocol/countdown.py"
ERROR_LOG = "harness/protocol/error_log.py"
PARSER = "harness/protocol/parser.py"
PROCESS_GROUPS = "harness/engines/process_group.py"
STDIO = "harness/engines/stdio.py"
CONTAINERS = "harness/engines/docker/containers.py"
DOCKER = "harness/engines/docker/engine.py"
CONTAINER_PROCESSES = "harness/engines/docker/processes.py"
IMAGES = "harness/engines/docker/images.py"
IMAGE_BUILDER = "harness/engines/docker/image_builder.py"
LEASES = "harness/engines/docker/leases.py"
SECCOMP = "harness/engines/docker/seccomp.py"
LOCAL = "harness/engines/local.py"
LEFTOVERS = "harness/engines/leftovers.py"
RUN_FOLDER = "harness/engines/run_folder.py"
SIGNALS = "harness/signals.py"
TRIVIAL_CASES = "harness/runs/trivial_cases.py"

ENDS = (
    Safeguard(
        "a fresh process takes the next case",
        SESSION,
        "        if session.ended:\n            self._session = None\n",
        "        if session.ended:\n            self._false_starts = self._limits.false_starts\n",
        loss_tests("exits", "exits-often", "exits-at-start", "killed-by-signal", "hangs"),
    ),
    Safeguard(
        "a case is run again after a crash between cases",
        SESSION,
        "again = session.ended and not has_begun and session.answered > 0",
        "again = False",
        (
            *loss_tests("answers-twice", "dies-at-second", "hangs-at-second"),
            *session_tests("TestAProcessThatEnds::test_a_crash_between_cases_loses_none"),
        ),
    ),
    Safeguard(
        "a failure between two cases is shown",
        "harness/judging/judge.py",
        "return (*judgements, *judge_continuation(transcript))",
        "return judgements",
        loss_tests("answers-twice", "dies-at-second", "hangs-at-second"),
    ),
    Safeguard(
        "a failure between two cases is no fault of a case that fails itself",
        "harness/protocol/continuity.py",
        "if failure is not None and transcript.ending is Ending.COMPLETED:",
        "if failure is not None:",
        session_tests(
            "TestAFailureBetweenTwoCases::test_a_case_that_fails_twice_is_at_fault_itself"
        ),
    ),
    Safeguard(
        "a process that cannot go on gets no second case",
        "harness/protocol/continuity.py",
        "return self._short_processes >= self._limits.short_processes",
        "return False",
        session_tests(
            "TestAFailureBetweenTwoCases::test_after_two_in_a_row_each_case_has_its_own_process"
        ),
    ),
    Safeguard(
        "the marker on standard error begins a case",
        SESSION,
        "return transcript, parser.acknowledged or self._has_begun(ending)",
        "return transcript, parser.acknowledged",
        session_tests(
            "TestAFailureBetweenTwoCases::test_the_marker_on_standard_error_begins_a_case"
        ),
    ),
    Safeguard(
        "restarts after crashes before the first reply are bounded",
        SESSION,
        "not has_begun and session.answered > 0",
        "not has_begun",
        loss_tests("exits-at-start"),
        endless=True,
    ),
    Safeguard(
        "a port that cannot start is given up",
        SESSION,
        " and self._false_starts < self._limits.false_starts:",
        ":",
        session_tests(
            "TestAProcessThatEnds::test_a_port_that_cannot_start_is_given_up_with_a_reason"
        ),
    ),
    Safeguard(
        "a port that answers no case is broken",
        TRIVIAL_CASES,
        "            if transcript.follows_protocol:\n",
        "            if True:\n",
        loss_tests("missing-library"),
    ),
    Safeguard(
        "a signal is named",
        LOCAL,
        "return Exit(signal=signal.Signals(-return_code).name)",
        "return Exit(status=-return_code)",
        loss_tests("killed-by-signal"),
    ),
    Safeguard(
        "a signal in a container is named",
        CONTAINER_PROCESSES,
        "return Exit(signal=signal.Signals(status - 128).name)",
        "return Exit(status=status)",
        loss_tests("killed-by-signal", engine="docker"),
    ),
)

HANGS = (
    *(
        Safeguard(
            f"the time of a case is limited ({port})",
            CONNECTION,
            "            if countdown.is_over:\n                return End.SILENT\n",
            "",
            loss_tests(port),
            endless=True,
        )
        for port in ("hangs", "hangs-silently", "ignores-sigterm", "never-reads")
    ),
    Safeguard(
        "a late answer is not accepted",
        COUNTDOWN,
        "        self.left = seconds\n",
        "        self.left = seconds + 30.0\n",
        loss_tests("answers-late"),
    ),
    Safeguard(
        "a delay of the harness costs no port its time",
        COUNTDOWN,
        "self.left -= min(monotonic() - began, seconds)",
        "self.left -= monotonic() - began",
        ("tests/unit/test_countdown.py::TestADelayOfTheHarness::test_it_costs_no_case[20]",),
    ),
    Safeguard(
        "what has come is read before the time is over",
        COUNTDOWN,
        "self.is_over = seconds == 0.0 and not has_received",
        "self.is_over = self.left <= 0.0",
        (
            "tests/unit/test_countdown.py::TestACountdown::"
            "test_it_is_over_when_the_time_is_spent_and_nothing_is_there",
        ),
    ),
    Safeguard(
        "what has come is read before a process is ended",
        STDIO,
        "            self._keep_final_output(self._transfer(remaining))\n"
        "        # The harness itself may have been stopped while the time passed.\n"
        "        self._read_pending()\n",
        "            self._keep_final_output(self._transfer(remaining))\n",
        local_tests("TestStop::test_the_output_is_kept_where_the_harness_comes_late"),
    ),
    Safeguard(
        "a late process is stopped",
        SESSION,
        "            failure = self._end(*failure)\n",
        "",
        session_tests("TestAProcessThatHangs::test_a_late_answer_is_not_accepted"),
    ),
    Safeguard(
        "the number of hangs is limited",
        HANG_LIMIT,
        "        if hung and self._hangs >= self._allowed:",
        "        if False:",
        loss_tests("hangs"),
    ),
    Safeguard(
        "the number of hangs is limited whatever is answered",
        HANG_LIMIT,
        "return min(limits.hangs + more, max(limits.hangs_in_all, limits.hangs))",
        "return limits.hangs + more",
        session_tests("TestAKindOfCases::test_the_hangs_are_limited_whatever_is_answered"),
    ),
    Safeguard(
        "cases of other kinds are asked after hangs",
        HANG_LIMIT,
        'return self._reasons.get(kind, "")',
        'return next(iter(self._reasons.values()), "")',
        session_tests("TestAKindOfCases::test_other_kinds_are_asked_until_they_hang"),
    ),
    Safeguard(
        "a hang of a port that starts quickly costs little",
        CONNECTION,
        "        if self.starts.longest is not None:",
        "        if False:",
        session_tests(
            "TestTheTimeToStart::test_it_is_granted_in_full_until_the_port_has_started_once"
        ),
    ),
    Safeguard(
        "the time to start does not prolong a case",
        CONNECTION,
        "            if not self.has_started and has_begun():",
        "            if False:",
        session_tests("TestAProcessThatHangs::test_the_time_to_start_does_not_prolong_a_case"),
        endless=True,
    ),
    Safeguard(
        "a process that closes its output is not awaited",
        CONNECTION,
        "            if self.process.output_closed:\n                return End.CLOSED\n",
        "",
        loss_tests("closes-stdout"),
    ),
    Safeguard(
        "a process that does not read is not awaited",
        STDIO,
        "        os.set_blocking(sink, False)\n",
        "",
        local_tests("TestStreams::test_a_process_that_reads_little_does_not_block"),
        endless=True,
    ),
    Safeguard(
        "a process that ignores SIGTERM is killed",
        PROCESS_GROUPS,
        "        self.signal(signal.SIGKILL)\n        return self.child.wait()",
        "        return self.child.poll() or 0",
        local_tests("TestStop::test_a_process_that_ignores_sigterm_is_killed"),
    ),
    Safeguard(
        "a process that ignores SIGTERM in a container is killed",
        CONTAINER_PROCESSES,
        "            self._signal(signal.SIGKILL)\n",
        "",
        docker_tests("TestStop::test_a_process_that_ignores_sigterm_is_killed"),
    ),
    Safeguard(
        "child processes end with their parent",
        PROCESS_GROUPS,
        "os.killpg(self.child.pid, signal_number)",
        "os.kill(self.child.pid, signal_number)",
        (
            *endurance_tests("TestRunOfFaultyPorts::test_no_process_or_container_is_left[local]"),
            *local_tests("TestStop::test_the_children_of_a_process_end_with_it"),
            *local_tests("TestStop::test_processes_that_outlive_their_parent_are_ended"),
        ),
        against=("starts-processes",),
    ),
)

OUT_OF_STEP = (
    Safeguard(
        "an answer to another case is not accepted",
        PARSER,
        "if self.acknowledged or name != self.case:",
        "if self.acknowledged:",
        loss_tests("answers-out-of-order"),
    ),
    Safeguard(
        "an answer ends with its own name",
        PARSER,
        '        if name != self.case:\n            self.mismatch = f"printed `end',
        '        if False:\n            self.mismatch = f"printed `end',
        session_tests(
            "TestAProcessOutOfStep::test_it_loses_the_case[misnames-end-2-printed `end other` "
            "where `end misnames-end-2` was due]"
        ),
    ),
    Safeguard(
        "an answer begins once",
        PARSER,
        "if self.acknowledged or name != self.case:",
        "if name != self.case:",
        session_tests(
            "TestAProcessOutOfStep::test_it_loses_the_case[restarts-2-printed "
            "`case restarts-2` where an answer to restarts-2 was due]"
        ),
    ),
    Safeguard(
        "errors are assigned to their case",
        ERROR_LOG,
        "        if name and name in self._lines:\n"
        "            self._current = self._last_marker = name\n",
        "        if name:\n            self._current = self._last_marker = name\n",
        session_tests("TestErrorLog::test_a_marker_of_no_case_that_was_asked_is_a_line"),
    ),
)

FLOODS = (
    Safeguard(
        "the bytes of an answer are limited",
        CONNECTION,
        "            if self.is_flooded:\n",
        "            if False:\n",
        loss_tests("floods-one-line"),
    ),
    *(
        Safeguard(
            f"the bytes of an answer are limited ({port})",
            CONNECTION,
            "            if self.is_flooded:\n",
            "            if False:\n",
            loss_tests(port),
            endless=True,
        )
        for port in ("floods-rows", "floods-before-reading")
    ),
    Safeguard(
        "the bytes on standard error are limited",
        CONNECTION,
        "                self._bytes_left -= self._take_errors(chunk.data)\n",
        "                self._take_errors(chunk.data)\n",
        loss_tests("floods-stderr"),
        endless=True,
    ),
    Safeguard(
        "output after the last answer is discarded",
        SESSION,
        "            self._connection.discard_output()\n",
        "",
        session_tests("TestAFlood::test_output_after_the_last_answer_takes_little_memory"),
        against=("floods-at-end",),
    ),
    Safeguard(
        "the kept lines of standard error are limited",
        ERROR_LOG,
        "        self._lines[case] = deque(maxlen=MAXIMUM_ERROR_LINES)",
        "        self._lines[case] = deque()",
        session_tests("TestErrorLog::test_the_last_lines_are_kept_and_long_lines_are_cut"),
    ),
    Safeguard(
        "the length of a line of standard error is limited",
        ERROR_LOG,
        "        self._partial = self._partial[-MAXIMUM_ERROR_LINE_LENGTH:]\n",
        "",
        session_tests("TestErrorLog::test_a_line_without_end_takes_no_memory"),
    ),
    Safeguard(
        "the number of remarks is limited",
        PARSER,
        " and len(self.remarks) < MAXIMUM_KEPT_REMARKS:",
        ":",
        (
            "tests/unit/test_parser.py::TestOtherLines::"
            "test_remarks_are_bounded_in_number_and_length",
        ),
    ),
)

RUNS_TO_END = (
    Safeguard(
        "the output of a listing's main is limited",
        SESSION,
        " and size <= limits.bytes_per_case:",
        ":",
        session_tests(
            "TestRunToEnd::test_a_bad_end_is_reported[exec yes-flooded-printed without end]"
        ),
        endless=True,
    ),
    Safeguard(
        "the time of a listing's main is limited",
        SESSION,
        "while not (process.closed or countdown.is_over) and size",
        "while not process.closed and size",
        session_tests("TestRunToEnd::test_a_program_that_does_not_end_is_ended"),
        endless=True,
    ),
)

UNREADABLE_OUTPUT = (
    Safeguard(
        "bytes that are not text are read",
        CONNECTION,
        'self.lines = [*unread, *complete.decode(errors="replace").split("\\n")]',
        'self.lines = [*unread, *complete.decode().split("\\n")]',
        loss_tests("prints-non-numbers"),
    ),
    Safeguard(
        "tokens that are not numbers are refused",
        PARSER,
        '    raise ValueError(f"{token!r} is not a number")',
        "    return float(token)",
        loss_tests("prints-non-numbers"),
    ),
    Safeguard(
        "results with too many digits are not computed with",
        "harness/judging/readings.py",
        "    if not any(numbers) or exact_cost.is_affordable(numbers):\n",
        "    if True:\n",
        ("tests/unit/test_exact_ports.py::test_numbers_too_long_to_compute_with_are_unreadable",),
    ),
    Safeguard(
        "the length of a number is limited",
        PARSER,
        "    if max(map(len, ratio.groups() if ratio else (token,))) > MAXIMUM_NUMBER_LENGTH:\n",
        "    if False:\n",
        loss_tests("prints-non-numbers"),
    ),
    Safeguard(
        "numbers beyond the doubles are refused",
        PARSER,
        "    if math.isinf(value):\n",
        "    if False:\n",
        loss_tests("prints-non-numbers"),
    ),
    Safeguard(
        "only ASCII digits are accepted",
        PARSER,
        r'DECIMAL = re.compile(r"[+-]?(?:[0-9]+',
        r'DECIMAL = re.compile(r"[+-]?(?:\d+',
        loss_tests("prints-non-numbers"),
    ),
    Safeguard(
        "a denominator of 0 is refused",
        PARSER,
        "        if int(ratio[2]) == 0:\n",
        "        if False:\n",
        loss_tests("prints-non-numbers"),
    ),
    Safeguard(
        "the size of a result is limited",
        PARSER,
        " or math.prod(shape) > self.largest\n",
        "\n",
        loss_tests("absurd-shapes"),
    ),
    Safeguard(
        "the digits of a size are limited",
        PARSER,
        " and len(size) <= 9 for size in sizes):",
        " for size in sizes):",
        loss_tests("absurd-shapes"),
    ),
)

OUTSIDE_CONTAINERS = (
    Safeguard(
        "a process has its own folder",
        LOCAL,
        "folder = self._copy_folder()",
        "folder = self._folder",
        loss_tests("overwrites-itself"),
    ),
    Safeguard(
        "a process has its own environment",
        LOCAL,
        '{"cwd": folder, "env": make_environment(folder)}',
        '{"cwd": folder}',
        local_tests("TestStart::test_a_process_gets_few_environment_variables"),
    ),
    Safeguard(
        "the time of a local build is limited",
        PROCESS_GROUPS,
        "group.wait_for_leader(seconds)",
        "group.wait_for_leader(3600)",
        local_tests("TestBuild::test_a_build_that_takes_too_long_leaves_no_process"),
        endless=True,
    ),
    Safeguard(
        "links do not lead out of the folder",
        "harness/inputs/port_files.py",
        "    if not is_inside(file, folder):\n",
        "    if False:\n",
        (
            "tests/unit/test_ports.py::TestContent::test_links_that_cannot_be_followed[/etc/hostname]",
        ),
    ),
    Safeguard(
        "a page loads nothing from outside",
        "harness/reports/html/page.py",
        "default-src 'none'; ",
        "",
        ("tests/reports/test_html.py::test_the_policy_admits_one_style_sheet_and_one_script_only",),
    ),
    Safeguard(
        "output of a port is escaped on a page",
        "harness/reports/html/page.py",
        "autoescape=True",
        "autoescape=False",
        ("tests/reports/test_html.py::test_hostile_text_in_every_field_is_shown_and_does_nothing",),
    ),
    Safeguard(
        "output of a port is escaped on a terminal",
        "harness/text.py",
        " if text.isprintable() else UNPRINTABLE_CHARACTER.sub(replacement_symbol, text)\n",
        "\n",
        endurance_tests(
            "TestRunOfFaultyPorts::test_its_results_and_reports_can_be_written_and_read[local]",
            "TestABuildThatFails::test_in_the_summary_of_a_run",
            "TestABuildThatFails::test_in_an_error_of_a_command",
        ),
        against=("prints-markup",),
    ),
)

CONTAINER_LIMITS = (
    Safeguard(
        "memory",
        CONTAINERS,
        '            "mem_limit": self.memory,\n            "memswap_limit": self.memory,\n',
        "",
        (
            *loss_tests("exhausts-memory", engine="docker"),
            *docker_tests("TestConfinement::test_memory_is_bounded"),
        ),
    ),
    container_limit(
        "swapped memory",
        '            "memswap_limit": self.memory,\n',
        "test_the_engine_reports_every_limit",
    ),
    Safeguard(
        "processes",
        CONTAINERS,
        '            "pids_limit": self.processes,\n',
        "",
        loss_tests("starts-processes", engine="docker"),
    ),
    container_limit(
        "processor time",
        '            "nano_cpus": int((self.processors or 0) * 1e9),\n',
        "test_the_engine_reports_every_limit",
    ),
    Safeguard(
        "no network",
        CONTAINERS,
        '            "network_mode": "none",\n',
        "",
        (
            *loss_tests("opens-connection", engine="docker"),
            *docker_tests(
                "TestConfinement::test_there_is_no_network",
                "TestBuild::test_a_build_has_no_network",
            ),
        ),
    ),
    Safeguard(
        "a root that cannot be written to",
        CONTAINERS,
        '            "read_only": self.read_only,\n',
        "",
        (
            *loss_tests("overwrites-itself", engine="docker"),
            *docker_tests("TestConfinement::test_nothing_can_be_written_but_tmp"),
        ),
    ),
    container_limit(
        "no shared memory",
        '            "ipc_mode": "none",\n',
        "test_nothing_can_be_written_but_tmp",
    ),
    Safeguard(
        "a small /tmp",
        CONTAINERS,
        'f"size={self.tmp_size},mode=1777"',
        '"mode=1777"',
        docker_tests("TestConfinement::test_tmp_is_small"),
    ),
    container_limit(
        "no capabilities",
        '            "cap_drop": ["ALL"],\n',
        "test_it_has_and_can_gain_no_capability",
    ),
    container_limit(
        "no new privileges",
        '"no-new-privileges", ',
        "test_it_has_and_can_gain_no_capability",
    ),
    container_limit(
        "an unprivileged user",
        "                user=request.user or next(self._users),\n",
        "test_each_container_has_a_user_of_its_own",
    ),
    Safeguard(
        "a user for each container",
        CONTAINERS,
        "request.user or next(self._users)",
        '"65534:65534"',
        tuple(
            f"tests/engines/test_neighbours.py::test_a_port_uses_up_its_own_share_only[{kind}]"
            for kind in ("inotify instances", "queued signals", "timers")
        ),
    ),
    Safeguard(
        "no terminals",
        CONTAINERS,
        'tmpfs = {"/dev/pts": "size=4k,mode=0555"}',
        "tmpfs: dict[str, str] = {}",
        docker_tests("TestConfinement::test_it_takes_no_terminal_from_others"),
    ),
    Safeguard(
        "no core dumps",
        CONTAINERS,
        '    {"Name": "core", "Soft": 1, "Hard": 1},\n',
        "",
        docker_tests("TestConfinement::test_a_crash_starts_no_handler_of_core_dumps"),
    ),
    Safeguard(
        "no message queues",
        CONTAINERS,
        '    {"Name": "msgqueue", "Soft": 0, "Hard": 0},\n',
        "",
        docker_tests("TestConfinement::test_nothing_can_be_written_but_tmp"),
    ),
    container_limit(
        "no servers of the machine",
        '            "dns": ["127.0.0.1"],\n',
        "test_it_does_not_see_the_servers_of_the_machine",
    ),
    Safeguard(
        "a list of system calls",
        CONTAINERS,
        ', f"seccomp={build_profile()}"',
        "",
        seccomp_tests("io_uring", "vsock"),
    ),
    Safeguard(
        "a list of families of sockets",
        SECCOMP,
        '        *(_allow("socket", family) for family in SOCKET_FAMILIES),\n',
        '        {"names": ["socket"], "action": "SCMP_ACT_ALLOW"},\n',
        seccomp_tests("vsock", "vsock with high bits", "crypto of the kernel"),
    ),
    Safeguard(
        "no system calls but those of the list",
        SECCOMP,
        '"defaultAction": "SCMP_ACT_ERRNO"',
        '"defaultAction": "SCMP_ACT_ALLOW"',
        seccomp_tests("io_uring", "vsock"),
    ),
    container_limit(
        "another first process",
        '            "init": True,\n',
        "test_the_program_is_not_the_first_process",
    ),
    container_limit(
        "no logging by the engine",
        '            "log_config": {"Type": "none"},\n',
        "test_the_engine_reports_every_limit",
    ),
    Safeguard(
        "the memory and processes of a build are limited",
        IMAGE_BUILDER,
        "memory=4 << 30, tmp_size=None, processes=1024, processors=None",
        "memory=8 << 30, tmp_size=None, processes=0, processors=None",
        docker_tests("TestBuild::test_the_limits_of_a_build_command"),
    ),
    Safeguard(
        "the bytes that a build writes are limited",
        CONTAINERS,
        'f"size={self.size},nr_inodes={self.files}"',
        'f"nr_inodes={self.files}"',
        docker_tests(
            "TestBuild::test_a_build_can_write_so_much_and_no_more[/port]",
            "TestBuild::test_a_build_can_write_so_much_and_no_more[/tmp]",
        ),
    ),
    Safeguard(
        "the files that a build makes are limited",
        CONTAINERS,
        'f"size={self.size},nr_inodes={self.files}"',
        'f"size={self.size}"',
        docker_tests(
            "TestBuild::test_a_build_can_write_so_much_and_no_more[/port]",
            "TestBuild::test_a_build_can_write_so_much_and_no_more[/tmp]",
        ),
    ),
    Safeguard(
        "a build writes to no folder but its own",
        IMAGE_BUILDER,
        "processes=1024, processors=None)",
        "processes=1024, processors=None, read_only=False)",
        docker_tests("TestBuild::test_a_build_can_write_nowhere_else"),
    ),
    Safeguard(
        "what a build leaves is limited in its archive",
        IMAGE_BUILDER,
        "        if length > MAXIMUM_ARCHIVE_BYTES:\n",
        "        if False:\n",
        docker_tests("TestBuild::test_a_file_with_holes_counts_as_large_as_it_reads"),
    ),
    Safeguard(
        "folders in memory go with their build",
        IMAGE_BUILDER,
        "        self._containers.remove(self._holder)\n",
        "        pass\n",
        docker_tests("TestBuild::test_a_build_leaves_no_folder_in_memory"),
    ),
    Safeguard(
        "a Dockerfile is refused",
        IMAGES,
        "        refuse_dockerfile(port, files)\n",
        "",
        docker_tests("TestBuild::test_a_dockerfile_is_refused[Dockerfile]"),
    ),
    Safeguard(
        "a base is allowed by the user",
        "harness/engines/docker/base_images.py",
        "if base.image in self._allowed_images:",
        "if base.image is not None:",
        docker_tests("TestBuild::test_a_build_reads_no_image_but_its_base"),
    ),
    Safeguard(
        "no volumes",
        IMAGES,
        '            refuse_volumes(port, client.inspect_image(base_id)["Config"])\n',
        "            pass\n",
        docker_tests("TestBuild::test_an_image_with_a_volume_is_refused"),
    ),
    Safeguard(
        "a lease holds in its own PID namespace",
        LEASES,
        "if (self.boot, self.namespace) != _read_surroundings():",
        "if self.boot != _read_surroundings()[0]:",
        ("tests/engines/test_leases.py::TestEnd::test_another_pid_namespace_is_not_known",),
    ),
    Safeguard(
        "a container without a lease is left alone",
        CONTAINERS,
        "    if lease is None:\n        return False\n",
        "    if lease is None:\n        return True\n",
        docker_tests("TestBuild::test_no_label_of_an_image_disturbs_a_start"),
    ),
    Safeguard(
        "containers of killed runs are removed",
        DOCKER,
        "        self._containers.remove_orphans()\n",
        "",
        docker_tests("TestInterruption::test_containers_of_a_killed_run_are_removed_by_the_next"),
    ),
    Safeguard(
        "the time of a build in a container is limited",
        IMAGE_BUILDER,
        "connection.settimeout(max(0.001, self._deadline - time.monotonic()))",
        "connection.settimeout(None)",
        docker_tests("TestBuild::test_a_build_that_takes_too_long_leaves_no_container"),
        endless=True,
    ),
)


def interruption_tests(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/end_to_end/test_interruptions.py::{test}" for test in tests)


def bad_input_tests(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/end_to_end/test_bad_input.py::{test}" for test in tests)


HARNESS = (
    Safeguard(
        "a report is written to a temporary file first",
        "harness/files.py",
        "        path.parent.mkdir(parents=True, exist_ok=True)\n",
        '        path.parent.mkdir(parents=True, exist_ok=True)\n        path.write_text("")\n',
        interruption_tests(
            "TestADiskThatIsFull::test_older_reports_are_whole[:;-No space left on device]"
        ),
    ),
    Safeguard(
        "an incomplete temporary file is removed",
        "harness/files.py",
        "                Path(temporary_path).unlink()\n",
        "                pass\n",
        interruption_tests(
            "TestADiskThatIsFull::test_older_reports_are_whole[:;-No space left on device]"
        ),
    ),
    Safeguard(
        "what a killed run leaves is removed",
        LEFTOVERS,
        "    wait_for_end_of(parent)\n",
        "    return\n",
        interruption_tests("TestAHarnessThatIsKilled::test_no_process_and_no_folder_is_left"),
    ),
    Safeguard(
        "a process is recognised in another session",
        LEFTOVERS,
        "        if home in ",
        "        if home == ",
        local_tests("TestClose::test_a_process_in_a_session_of_its_own_is_ended"),
    ),
    Safeguard(
        "a deep folder is removed",
        LOCAL,
        "        remove_folder(self._folder)\n",
        "        shutil.rmtree(self._folder, ignore_errors=True)\n",
        local_tests("TestClose::test_folders_are_removed_however_deep_and_closed_they_are"),
    ),
    Safeguard(
        "the next run removes what a killed run leaves",
        RUN_FOLDER,
        "        remove_abandoned_folders()\n",
        "",
        interruption_tests("TestAHarnessThatIsKilled::test_the_next_run_removes_what_is_left"),
    ),
    Safeguard(
        "the folder of a run that goes on is not removed",
        RUN_FOLDER,
        "        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
        "",
        interruption_tests("TestAHarnessThatIsKilled::test_a_run_beside_it_is_left_alone"),
    ),
    Safeguard(
        "a run ends in order when its terminal is closed",
        SIGNALS,
        "*(() if IS_HANGUP_IGNORED else (signal.SIGHUP,))",
        "",
        interruption_tests(
            "TestATerminalThatIsClosed::test_what_was_finished_is_written[local]",
            "TestATerminalThatIsClosed::test_a_command_that_has_nothing_to_write_leaves_nothing",
        ),
    ),
    Safeguard(
        "nothing is printed to a terminal that is closed",
        SIGNALS,
        "            if is_device and not os.isatty(descriptor):",
        "            if False:",
        interruption_tests("TestATerminalThatIsClosed::test_what_was_finished_is_written[local]"),
    ),
    Safeguard(
        "a command that ignores SIGHUP goes on ignoring it",
        SIGNALS,
        "IS_HANGUP_IGNORED = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN",
        "IS_HANGUP_IGNORED = False",
        interruption_tests("TestATerminalThatIsClosed::test_with_nohup_it_runs_to_its_end"),
    ),
    Safeguard(
        "a signal sets the exit status",
        SIGNALS,
        "    os._exit(128 + number)",
        "    os._exit(1)",
        interruption_tests("TestSignals::test_while_it_is_loaded[2]"),
    ),
    Safeguard(
        "signals are handled while the harness is loaded",
        "harness/__main__.py",
        "    exit_on_signals()\n",
        "",
        interruption_tests("TestSignals::test_while_it_is_loaded[15]"),
    ),
    Safeguard(
        "signals are ignored while Python exits",
        "harness/__main__.py",
        "        ignore_signals()\n",
        "        pass\n",
        interruption_tests("TestSignals::test_while_python_itself_ends"),
    ),
    Safeguard(
        "a judgement has a budget of processor time",
        "harness/judging/server.py",
        "            signal.setitimer(signal.ITIMER_PROF, budget)\n",
        "",
        pool_tests("test_a_task_beyond_its_budget_ends_even_within_c"),
        endless=True,
    ),
    Safeguard(
        "ratios of a port in floating point are read as its numbers",
        "harness/judging/judge.py",
        "        transcript = round_numbers(transcript, expected.precision)\n",
        "        pass\n",
        exact_number_tests("TestRatiosInDoubles::test_such_an_answer_is_unreadable"),
    ),
    Safeguard(
        "the digits of the exact solution of a case are bounded",
        "harness/numerics/oracle.py",
        "        check_cost(case, rows)\n",
        "        pass\n",
        exact_number_tests("TestCases::test_a_case_that_is_too_long_is_refused_with_its_place"),
        endless=True,
    ),
    Safeguard(
        "the memory of a judging process is limited",
        "harness/judging/server.py",
        "    resource.setrlimit(resource.RLIMIT_DATA, (MAXIMUM_BYTES, MAXIMUM_BYTES))\n",
        "",
        pool_tests("test_memory_is_limited"),
    ),
    Safeguard(
        "one port cannot keep the answers of others waiting",
        "harness/judging/pool.py",
        "        if self._exceeded[client] >= MAXIMUM_EXCEEDED:\n",
        "        if False:\n",
        pool_tests("test_one_client_cannot_keep_the_others_waiting"),
    ),
    Safeguard(
        "judgements end when a run is stopped",
        "harness/runs/threads.py",
        "            judges.close()\n",
        "",
        ("tests/end_to_end/test_failures_of_the_judge.py::test_a_signal_ends_judgements",),
    ),
    Safeguard(
        "a container still waiting at closing is refused",
        "harness/engines/docker/containers.py",
        "(RuntimeError, CancelledError)",
        "RuntimeError",
        docker_tests("TestContainers::test_a_container_still_waiting_at_closing_is_refused"),
    ),
    Safeguard(
        "an engine that stops during a run is reported",
        "harness/engines/docker/client.py",
        "    except CONNECTION_ERRORS as error:\n",
        "    except ZeroDivisionError as error:\n",
        interruption_tests("TestAnEngineThatGoesAway::test_in_the_middle_of_a_run"),
    ),
    Safeguard(
        "no exception in the work on one port reaches another",
        "harness/runs/threads.py",
        "        except BaseException as error:\n",
        "        except ResourceWarning as error:\n",
        seam_tests(
            "test_any_exception_costs_its_own_port_alone[runner:collect_results-SystemExit]"
        ),
    ),
    Safeguard(
        "the answers of a port before a failure are kept",
        "harness/runs/runner.py",
        "    except Exception as error:\n",
        "    except ResourceWarning as error:\n",
        seam_tests("test_the_answers_before_an_exception_are_kept"),
    ),
    Safeguard(
        "a file outside its folder is not quoted",
        "harness/files.py",
        "    if folder is not None and not is_inside(path, folder):\n",
        "    if False:\n",
        (
            "tests/unit/test_ports.py::test_a_file_outside_is_not_quoted[/etc/passwd-port.yaml]",
            "tests/unit/test_cases.py::test_a_link_out_of_the_folder_is_not_quoted[/etc/passwd]",
        ),
    ),
    Safeguard(
        "pipes are not read",
        "harness/files.py",
        "    if not stat.S_ISREG(mode):\n",
        "    if False:\n",
        (
            "tests/unit/test_files.py::test_pipes_sockets_and_devices_are_refused[mkfifo]",
            "tests/unit/test_ports.py::test_a_pipe_is_not_read[findings.yaml]",
        ),
    ),
    Safeguard(
        "a pipe that replaces a file does not block",
        "harness/files.py",
        " | os.O_NONBLOCK",
        "",
        ("tests/unit/test_files.py::test_a_pipe_that_replaces_the_file_does_not_block",),
        endless=True,
    ),
    Safeguard(
        "files of the kernel are not read",
        "harness/files.py",
        "while 0 < size <= limit",
        "while size <= limit",
        ("tests/unit/test_files.py::test_files_of_the_kernel_are_not_read",),
    ),
    Safeguard(
        "a file may not grow while it is read",
        "harness/files.py",
        "    if max(size, len(data)) > limit:\n",
        "    if size > limit:\n",
        ("tests/unit/test_files.py::test_a_file_that_grows_while_it_is_read_is_refused",),
    ),
    Safeguard(
        "no text has characters that a program cannot be given",
        "harness/inputs/yaml.py",
        '"[\\x00\\ud800-\\udfff]"',
        '"(?!)"',
        (
            "tests/unit/test_yaml.py::test_a_half_of_a_surrogate_pair_is_refused",
            "tests/end_to_end/test_bad_input.py::TestPorts::test_a_command_has_no_nul[run]",
        ),
    ),
    Safeguard(
        "nesting is refused in the terms of the harness",
        "harness/inputs/yaml.py",
        "        if mark is not None:\n",
        "        if False:\n",
        (
            "tests/unit/test_yaml.py::"
            "test_nesting_is_refused_in_the_same_terms_whatever_reads_it[lists-LowerLimitLoader]",
        ),
    ),
    Safeguard(
        "names of ports are plain",
        "harness/inputs/ports.py",
        "    if not PORT_NAME_PATTERN.fullmatch(name):\n",
        "    if False:\n",
        ("tests/unit/test_ports.py::test_what_is_no_name_of_a_port[x;touch PWNED;]",),
    ),
    Safeguard(
        "make does not expand values",
        "harness/scaffold/repository/Makefile",
        "$(foreach name,$(VALUES),$(eval override $(name) := $$(value $(name))))\n",
        "",
        init_tests(
            "test_make_takes_values_as_they_are_written[template-z$(shell touch PWNED)-True]"
        ),
    ),
    Safeguard(
        "make quotes values for the shell",
        "harness/scaffold/repository/Makefile",
        "quote = '$(subst ','\\'',$(1))'\n",
        "quote = $(1)\n",
        init_tests("test_make_takes_values_as_they_are_written[template-x;touch PWNED;-False]"),
    ),
    Safeguard(
        "folders of a port are not nested without end",
        "harness/inputs/port_files.py",
        "        if len(subfolder.parts) > MAXIMUM_DEPTH:\n",
        "        if False:\n",
        port_tests("TestContent::test_1500_nested_folders"),
    ),
    Safeguard(
        "the number of a port's files is limited",
        "harness/inputs/port_files.py",
        "        if count > MAXIMUM_FILES:\n",
        "        if False:\n",
        port_tests("TestContent::test_so_many_files_and_no_more"),
    ),
    Safeguard(
        "the size of a port's folder is limited",
        "harness/inputs/port_files.py",
        "        if size > MAXIMUM_FOLDER_BYTES:\n",
        "        if False:\n",
        port_tests("TestContent::test_so_many_bytes_and_no_more"),
    ),
    Safeguard(
        "a folder that cannot be listed is reported",
        "harness/inputs/port_files.py",
        ", onerror=_refuse_folder",
        "",
        port_tests("TestContent::test_a_folder_that_cannot_be_listed_is_not_left_out"),
    ),
    Safeguard(
        "a port that cannot be read is reported",
        "harness/inputs/ports.py",
        "    except OSError:\n        return True\n",
        "    except OSError:\n        return False\n",
        port_tests("TestAFolderThatCannotBeRead::test_it_is_reported"),
    ),
    Safeguard(
        "a claim on most cases has a reason",
        "harness/model/finding.py",
        "        if matched > 1 and 2 * matched > len(cases) and claims_most:\n",
        "        if False:\n",
        (
            "tests/end_to_end/test_cli.py::TestCheck::"
            "test_a_claim_on_most_cases_without_a_reason_exits_1",
        ),
    ),
    Safeguard(
        "a folder that is too deep to be copied is an error of its port",
        "harness/engines/local.py",
        "            except (OSError, RecursionError) as error:\n",
        "            except OSError as error:\n",
        local_tests("TestNestedFolders::test_a_build_that_makes_them_is_an_error"),
    ),
    Safeguard(
        "a missing standard stream is opened",
        "harness/__main__.py",
        "    open_missing_streams()\n",
        "",
        (
            "tests/end_to_end/test_cli.py::TestStandardStreams::"
            "test_no_file_becomes_a_standard_stream",
        ),
    ),
    Safeguard(
        "reports of an earlier run are not published",
        "action.yml",
        "        for name in results.jsonl conformance.html junit.xml summary.md; do "
        'rm -f -- "$OUT/$name"; done\n',
        "",
        ("tests/reports/test_github.py::test_reports_that_are_committed_are_not_published",),
    ),
    Safeguard(
        "the size of a file is limited",
        "harness/inputs/yaml.py",
        "MAXIMUM_BYTES = 2_000_000",
        "MAXIMUM_BYTES = 2_000_000_000",
        bad_input_tests("TestCaseFiles::test_100_megabytes_are_not_read"),
    ),
    Safeguard(
        "a patch changes files of its port only",
        "harness/inputs/patches.py",
        "if file.path not in files:",
        "if False:",
        bad_input_tests("TestPatches::test_a_patch_changes_files_of_the_port_alone[/etc/passwd]"),
    ),
    Safeguard(
        "results are checked for consistency",
        "harness/results/reader.py",
        "    if name not in known:\n",
        "    if False:\n",
        bad_input_tests(
            "TestResults::test_report_and_diff_refuse_it_with_the_place"
            "[11.port-nobody-there is no port 'nobody']"
        ),
    ),
    Safeguard(
        "findings have so many patterns with wildcards",
        "harness/inputs/findings.py",
        "        if wildcards > MAXIMUM_WILDCARDS:\n",
        "        if False:\n",
        (
            "tests/unit/test_findings.py::TestManyPatterns::"
            "test_there_are_so_many_wildcards_and_no_more",
        ),
    ),
    Safeguard(
        "a file of results that was cut off is refused",
        "harness/results/reader.py",
        "            if not line:\n",
        "            if not line and count == 0:\n",
        ("tests/unit/test_schema.py::TestReading::test_a_file_that_was_cut_off_is_refused[1]",),
    ),
    Safeguard(
        "a line of results has so many bytes",
        "harness/results/lines.py",
        "        if len(line) > MAXIMUM_LINE_BYTES:\n",
        "        if False:\n",
        (
            "tests/unit/test_schema.py::TestReading::"
            "test_a_line_has_so_many_bytes_values_and_keys_and_no_more",
        ),
    ),
    Safeguard(
        "a line of results has so many values",
        "harness/results/lines.py",
        '        if line.count(b",") > MAXIMUM_LINE_VALUES:\n',
        "        if False:\n",
        (
            "tests/unit/test_schema.py::TestReading::"
            "test_a_line_has_so_many_bytes_values_and_keys_and_no_more",
        ),
    ),
    Safeguard(
        "an object of results has so many keys",
        "harness/results/record.py",
        "    if isinstance(value, dict) and len(value) > MAXIMUM_NAMES:\n",
        "    if False:\n",
        (
            "tests/unit/test_schema.py::TestReading::"
            "test_a_line_has_so_many_bytes_values_and_keys_and_no_more",
        ),
    ),
    Safeguard(
        "a name in results is one that people can give",
        "harness/results/names.py",
        "    if not pattern.fullmatch(name):\n",
        "    if False:\n",
        (
            "tests/unit/test_schema.py::TestReading::"
            "test_a_name_that_nobody_can_give_is_refused[a;b-route0-a port]",
            "tests/unit/test_schema.py::TestReading::"
            "test_a_name_that_nobody_can_give_is_refused[a;b-route5-a case]",
        ),
    ),
    Safeguard(
        "a mistake in YAML is looked for by a fast parser",
        "harness/inputs/yaml.py",
        "islice(yaml.parse(text, Loader=YAML_LOADER), count, None)",
        "islice(yaml.parse(text, Loader=yaml.SafeLoader), count, None)",
        ("tests/unit/test_yaml.py::test_a_mistake_takes_little_longer_than_a_valid_file[comment]",),
    ),
    Safeguard(
        "an exception in the tests of findings costs those of its port",
        "harness/runs/failures.py",
        "        except Exception as error:\n",
        "        except StopIteration as error:\n",
        after_run_tests(
            "test_an_exception_costs_the_findings_of_its_own_port_alone"
            "[harness.runs.proofs:build_subject]",
        ),
    ),
    Safeguard(
        "a finding that is not tested is no finding that holds",
        "harness/results/results.py",
        "        if any(complaint.not_tested for complaint in self.complaints):\n",
        "        if False:\n",
        after_run_tests(
            "test_an_exception_costs_the_findings_of_its_own_port_alone"
            "[harness.runs.proofs:ask_patched]",
        ),
    ),
    Safeguard(
        "a plain build that could not be run counts",
        "harness/results/results.py",
        "port.failed or any(run.failed for run in port.further_runs)",
        "port.failed or (port.fixed and port.fixed.failed)",
        after_run_tests(
            "test_an_exception_costs_its_own_plain_build_alone[harness.runs.plain:ask_plain_build]",
        ),
    ),
    Safeguard(
        "an exception in one report costs no other",
        "harness/cli/output.py",
        "        except Exception as failure:\n",
        "        except StopIteration as failure:\n",
        after_run_tests("TestReports::test_an_exception_costs_one_report_alone[conformance.html]"),
    ),
    Safeguard(
        "an exception in a command is no unexplained deviation",
        "harness/cli/group.py",
        "        except Exception as failure:\n",
        "        except StopIteration as failure:\n",
        after_run_tests(
            "TestReports::test_an_exception_elsewhere_in_a_command_exits_3"
            "[harness.results.results.Results.save]",
        ),
    ),
    Safeguard(
        "a page shows so many answers",
        "harness/reports/parts/selection.py",
        "            if len(self.cases) + 1 > most_cases:\n",
        "            if False:\n",
        (
            "tests/reports/test_selection.py::TestAPageThatIsTooSmallForAllCases::"
            "test_no_more_than_there_is_room_for",
        ),
    ),
)

SAFEGUARDS = (
    *ENDS,
    *HANGS,
    *OUT_OF_STEP,
    *FLOODS,
    *RUNS_TO_END,
    *UNREADABLE_OUTPUT,
    *OUTSIDE_CONTAINERS,
    *CONTAINER_LIMITS,
    *HARNESS,
)
