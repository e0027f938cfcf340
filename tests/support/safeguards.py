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
"""Ports of tests/support/faulty_ports that no safeguard is needed against."""

SUFFERER = re.compile(r"\[(?:local|docker)-([a-z-]+)\]$")


@dataclass(frozen=True)
class Safeguard:
    """`text`, which stands once in `file`, and what stands there `without` the safeguard.

    `tests` then fail, or do not end where they are `endless`. Where those are about a run of all
    faulty ports, `against` names the few of them that are run.
    """

    name: str
    file: str
    text: str
    without: str
    tests: tuple[str, ...]
    endless: bool = False
    against: tuple[str, ...] = ()

    @property
    def run(self) -> tuple[str, ...]:
        """The tests, and those that make the ports run that they are about."""
        return (*self.tests, *losses(*self.against))

    @property
    def ports(self) -> frozenset[str]:
        """The ports of tests/support/faulty_ports that it is needed against."""
        matches = (SUFFERER.search(test) for test in self.tests)
        return frozenset((*self.against, *(match[1] for match in matches if match)))


def losses(*ports: str, engine: str = "local") -> tuple[str, ...]:
    """The tests of what faulty ports lose."""
    test = "test_it_loses_its_own_cases_and_no_other"
    return tuple(
        f"tests/end_to_end/test_endurance.py::TestAFaultyPort::{test}[{engine}-{p}]" for p in ports
    )


def conversation(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/unit/test_session.py::{test}" for test in tests)


def contained(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/engines/test_docker.py::{test}" for test in tests)


def limit(name: str, option: str, *tests: str) -> Safeguard:
    """One of the options that a container is started with, a line for each."""
    file = "harness/engines/docker/containers.py"
    return Safeguard(name, file, option, "", contained(*(f"TestConfinement::{t}" for t in tests)))


def endurance(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/end_to_end/test_endurance.py::{test}" for test in tests)


def local(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/engines/test_local.py::{test}" for test in tests)


CONVERSATION = "harness/protocol/session.py"
TRANSCRIPT = "harness/protocol/parser.py"
GROUPS = "harness/engines/process_group.py"
PUMP = "harness/engines/stdio.py"
CONTAINERS = "harness/engines/docker/containers.py"
DOCKER = "harness/engines/docker/engine.py"
IMAGES = "harness/engines/docker/images.py"
LOCAL = "harness/engines/local.py"

ENDING = (
    Safeguard(
        "a fresh process takes the next case",
        CONVERSATION,
        "            if session.ended:\n                session = None\n",
        "            if session.ended:\n                break\n",
        losses("exits", "exits-often", "exits-at-start", "killed-by-signal", "hangs"),
    ),
    Safeguard(
        "one that dies between cases is asked once more",
        CONVERSATION,
        "again = session.ended and not acknowledged and session.answered > 0",
        "again = False",
        (
            *losses("answers-twice"),
            *conversation(
                "TestAProcessThatEnds::test_a_process_that_dies_between_cases_loses_none"
            ),
        ),
    ),
    Safeguard(
        "one that dies before its first reply is not asked for ever",
        CONVERSATION,
        "not acknowledged and session.answered > 0",
        "not acknowledged",
        losses("exits-at-start"),
        endless=True,
    ),
    Safeguard(
        "one that cannot start is given up",
        CONVERSATION,
        " and false_starts < limits.false_starts:",
        ":",
        losses("missing-library"),
    ),
    Safeguard(
        "a signal is named",
        LOCAL,
        "return Exit(signal=signal.Signals(-return_code).name)",
        "return Exit(status=-return_code)",
        losses("killed-by-signal"),
    ),
    Safeguard(
        "a signal in a container is named",
        DOCKER,
        "return Exit(signal=signal.Signals(status - 128).name)",
        "return Exit(status=status)",
        losses("killed-by-signal", engine="docker"),
    ),
)

HANGING = (
    *(
        Safeguard(
            f"a case has so much time ({port})",
            CONVERSATION,
            "            left = since + patience - time.monotonic()\n",
            "            left = 3600.0\n",
            losses(port),
            endless=True,
        )
        for port in ("hangs", "hangs-silently", "ignores-sigterm", "never-reads")
    ),
    Safeguard(
        "an answer that comes late comes too late",
        CONVERSATION,
        "            left = since + patience - time.monotonic()\n",
        "            left = since + 30.0 - time.monotonic()\n",
        losses("answers-late"),
    ),
    Safeguard(
        "one that is late is stopped",
        CONVERSATION,
        "            trouble = self._end(*trouble)\n",
        "",
        conversation("TestAProcessThatHangs::test_an_answer_that_comes_late_comes_too_late"),
    ),
    Safeguard(
        "after so many hangs the rest are given up",
        CONVERSATION,
        "hangs < limits.hangs and ",
        "",
        losses("hangs"),
    ),
    Safeguard(
        "the time to start is for the start",
        CONVERSATION,
        "            if reader.acknowledged and patience > self.limits.seconds_per_case:",
        "            if False:",
        conversation("TestAProcessThatHangs::test_the_time_to_start_does_not_prolong_a_case"),
        endless=True,
    ),
    Safeguard(
        "one that closes its output is not waited for",
        CONVERSATION,
        '            if self.process.output_closed:\n                return Ending.CRASHED, ""\n',
        "",
        losses("closes-stdout"),
    ),
    Safeguard(
        "one that does not read is not waited for",
        PUMP,
        "        os.set_blocking(sink, False)\n",
        "",
        local("TestStreams::test_a_process_that_reads_little_does_not_block"),
        endless=True,
    ),
    Safeguard(
        "one that ignores SIGTERM is killed",
        GROUPS,
        "        self.signal(signal.SIGKILL)\n        return self.child.wait()",
        "        return self.child.poll() or 0",
        local("TestStop::test_a_process_that_ignores_sigterm_is_killed"),
    ),
    Safeguard(
        "one that ignores SIGTERM in a container is killed",
        DOCKER,
        "            self._signal(signal.SIGKILL)\n",
        "",
        contained("TestStop::test_a_process_that_ignores_sigterm_is_killed"),
    ),
    Safeguard(
        "what it started ends with it",
        GROUPS,
        "os.killpg(self.child.pid, signal_number)",
        "os.kill(self.child.pid, signal_number)",
        (
            *endurance("TestARunOfThem::test_nothing_of_them_is_left[local]"),
            *local("TestStop::test_the_children_of_a_process_end_with_it"),
            *local("TestStop::test_processes_that_outlive_their_parent_are_ended"),
        ),
        against=("starts-processes",),
    ),
)

STEP = (
    Safeguard(
        "an answer to another case is none",
        TRANSCRIPT,
        "if self.acknowledged or name != self.case:",
        "if self.acknowledged:",
        losses("answers-out-of-order"),
    ),
    Safeguard(
        "an answer ends with its own name",
        TRANSCRIPT,
        '        if name != self.case:\n            self.mismatch = f"printed `end',
        '        if False:\n            self.mismatch = f"printed `end',
        conversation(
            "TestAProcessOutOfStep::test_it_loses_the_case[misnames-end-2-printed `end other` "
            "where `end misnames-end-2` was due]"
        ),
    ),
    Safeguard(
        "an answer begins once",
        TRANSCRIPT,
        "if self.acknowledged or name != self.case:",
        "if name != self.case:",
        conversation(
            "TestAProcessOutOfStep::test_it_loses_the_case[restarts-2-printed "
            "`case restarts-2` where an answer to restarts-2 was due]"
        ),
    ),
    Safeguard(
        "what is said of a case stays with it",
        CONVERSATION,
        "        if name in self._lines:\n            self._current = name\n        else:",
        "        if name:\n            self._current = name\n        else:",
        conversation("TestErrorLog::test_a_marker_of_no_case_that_was_asked_is_a_line"),
    ),
)

FLOODS = (
    Safeguard(
        "an answer has so many bytes",
        CONVERSATION,
        "            if self._flood < 0:\n",
        "            if False:\n",
        losses("floods-one-line"),
    ),
    *(
        Safeguard(
            f"an answer has so many bytes ({port})",
            CONVERSATION,
            "            if self._flood < 0:\n",
            "            if False:\n",
            losses(port),
            endless=True,
        )
        for port in ("floods-rows", "floods-before-reading")
    ),
    Safeguard(
        "standard error counts too",
        CONVERSATION,
        "            if chunk.stream is Stream.ERRORS:\n",
        "            if chunk.stream is Stream.ERRORS:\n"
        "                self._flood += len(chunk.data)\n",
        losses("floods-stderr"),
        endless=True,
    ),
    Safeguard(
        "of what comes after the last answer nothing is kept",
        CONVERSATION,
        "            self._lines, self._read = [], 0\n            self._partial.clear()\n",
        "",
        endurance("TestARunOfThem::test_floods_of_a_gigabyte_take_next_to_no_memory[local]"),
        against=("floods-at-end",),
    ),
    Safeguard(
        "of standard error the last lines are kept",
        CONVERSATION,
        "        self._lines[case] = deque(maxlen=ERROR_LINES_KEPT)",
        "        self._lines[case] = deque()",
        conversation("TestErrorLog::test_the_last_lines_are_kept_and_long_lines_are_cut"),
    ),
    Safeguard(
        "no line of standard error is kept whole that is very long",
        CONVERSATION,
        "        self._partial = self._partial[-LONGEST_ERROR_LINE:]\n",
        "",
        conversation("TestErrorLog::test_a_line_without_end_takes_no_memory"),
    ),
    Safeguard(
        "remarks are bounded",
        TRANSCRIPT,
        " and len(self.remarks) < MOST_REMARKS:",
        ":",
        (
            "tests/unit/test_parser.py::TestOtherLines::"
            "test_remarks_are_bounded_in_number_and_length",
        ),
    ),
)

MONOLOGUES = (
    Safeguard(
        "what is printed unasked is bounded",
        CONVERSATION,
        " and heard <= limits.bytes_per_case:",
        ":",
        conversation(
            "TestHearingOut::test_a_bad_end_is_told[exec yes-flooded-printed without end]"
        ),
        endless=True,
    ),
    Safeguard(
        "what does not end unasked is ended",
        CONVERSATION,
        "            if (left := deadline - time.monotonic()) <= 0:\n",
        "            if (left := 3600.0) <= 0:\n",
        conversation("TestHearingOut::test_one_that_does_not_end_is_ended"),
        endless=True,
    ),
)

SCRAWLS = (
    Safeguard(
        "bytes that are no text are read",
        CONVERSATION,
        'self._lines = [*unread, *whole.decode(errors="replace").split("\\n")]',
        'self._lines = [*unread, *whole.decode().split("\\n")]',
        losses("prints-non-numbers"),
    ),
    Safeguard(
        "what is no number is refused",
        TRANSCRIPT,
        '    raise ValueError(f"{token!r} is not a number")',
        "    return float(token)",
        losses("prints-non-numbers"),
    ),
    Safeguard(
        "a number has so many digits",
        TRANSCRIPT,
        "    if len(token) > LONGEST_NUMBER:\n",
        "    if False:\n",
        losses("prints-non-numbers"),
    ),
    Safeguard(
        "a number is within the range of doubles",
        TRANSCRIPT,
        "    if math.isinf(value):\n",
        "    if False:\n",
        losses("prints-non-numbers"),
    ),
    Safeguard(
        "digits are those of ASCII",
        TRANSCRIPT,
        r'DECIMAL = re.compile(r"[+-]?(?:[0-9]+',
        r'DECIMAL = re.compile(r"[+-]?(?:\d+',
        losses("prints-non-numbers"),
    ),
    Safeguard(
        "a ratio has a denominator",
        TRANSCRIPT,
        "        if int(ratio[2]) == 0:\n",
        "        if False:\n",
        losses("prints-non-numbers"),
    ),
    Safeguard(
        "a result has no more entries than its case can give",
        TRANSCRIPT,
        " or math.prod(shape) > self.largest:",
        ":",
        losses("absurd-shapes"),
    ),
    Safeguard(
        "a size has so many digits",
        TRANSCRIPT,
        " and len(word) <= 9 for word in words):",
        " for word in words):",
        losses("absurd-shapes"),
    ),
)

ELSEWHERE = (
    Safeguard(
        "a process has a folder of its own",
        LOCAL,
        "folder = self._copy_folder()",
        "folder = self._folder",
        losses("overwrites-itself"),
    ),
    Safeguard(
        "an environment of its own",
        LOCAL,
        '{"cwd": folder, "env": make_environment(folder)}',
        '{"cwd": folder}',
        local("TestStart::test_a_process_gets_few_environment_variables"),
    ),
    Safeguard(
        "a build that ends on this machine",
        GROUPS,
        "group.wait_for_leader(seconds)",
        "group.wait_for_leader(3600)",
        local("TestBuild::test_a_build_that_takes_too_long_leaves_no_process"),
        endless=True,
    ),
    Safeguard(
        "links that stay in their folder",
        "harness/inputs/ports.py",
        "    if not _is_inside(folder, path):\n",
        "    if False:\n",
        (
            "tests/unit/test_ports.py::TestContent::test_links_that_cannot_be_followed[/etc/hostname]",
        ),
    ),
    Safeguard(
        "a page that takes nothing from outside",
        "harness/reports/html/page.py",
        "default-src 'none'; ",
        "",
        ("tests/reports/test_html.py::test_the_policy_admits_one_style_sheet_and_one_script_only",),
    ),
    Safeguard(
        "what a port prints does not act on a page",
        "harness/reports/html/page.py",
        "autoescape=True",
        "autoescape=False",
        ("tests/reports/test_html.py::test_hostile_text_in_every_field_is_shown_and_does_nothing",),
    ),
    Safeguard(
        "what a port prints does not act on a terminal",
        "harness/text.py",
        " if text.isprintable() else UNPRINTABLE_CHARACTER.sub(replacement_symbol, text)\n",
        "\n",
        endurance(
            "TestARunOfThem::test_its_results_and_reports_can_be_written_and_read[local]",
            "TestABuildThatFails::test_in_the_summary_of_a_run",
            "TestABuildThatFails::test_in_an_error_of_a_command",
        ),
        against=("prints-markup",),
    ),
)

LIMITS = (
    Safeguard(
        "memory",
        CONTAINERS,
        '            "mem_limit": self.memory,\n            "memswap_limit": self.memory,\n',
        "",
        (
            *losses("exhausts-memory", engine="docker"),
            *contained("TestConfinement::test_memory_is_bounded"),
        ),
    ),
    limit(
        "swapped memory",
        '            "memswap_limit": self.memory,\n',
        "test_the_engine_reports_every_limit",
    ),
    Safeguard(
        "processes",
        CONTAINERS,
        '            "pids_limit": self.processes,\n',
        "",
        losses("starts-processes", engine="docker"),
    ),
    limit(
        "processor time",
        '            "nano_cpus": int(self.processors * 1e9),\n',
        "test_the_engine_reports_every_limit",
    ),
    Safeguard(
        "no network",
        CONTAINERS,
        '            "network_mode": "none",\n',
        "",
        (
            *losses("opens-connection", engine="docker"),
            *contained("TestConfinement::test_there_is_no_network"),
        ),
    ),
    Safeguard(
        "a root that cannot be written to",
        CONTAINERS,
        '            "read_only": True,\n',
        "",
        (
            *losses("overwrites-itself", engine="docker"),
            *contained("TestConfinement::test_nothing_can_be_written_but_tmp"),
        ),
    ),
    limit(
        "no shared memory",
        '            "ipc_mode": "none",\n',
        "test_nothing_can_be_written_but_tmp",
    ),
    Safeguard(
        "a small /tmp",
        CONTAINERS,
        'f"size={self.tmp_size},mode=1777"',
        '"mode=1777"',
        contained("TestConfinement::test_tmp_is_small"),
    ),
    limit(
        "no capabilities",
        '            "cap_drop": ["ALL"],\n',
        "test_it_has_and_can_gain_no_capability",
    ),
    limit(
        "no new privileges",
        '            "security_opt": ["no-new-privileges"],\n',
        "test_it_has_and_can_gain_no_capability",
    ),
    limit("nobody", "                user=self.limits.user,\n", "test_the_user_is_nobody"),
    limit(
        "another first process",
        '            "init": True,\n',
        "test_the_program_is_not_the_first_process",
    ),
    limit(
        "nothing logged",
        '            "log_config": {"Type": "none"},\n',
        "test_the_engine_reports_every_limit",
    ),
    Safeguard(
        "a build without network",
        IMAGES,
        '                    network_mode="none",\n',
        "",
        contained("TestBuild::test_a_build_has_no_network"),
    ),
    Safeguard(
        "a build without all the memory",
        IMAGES,
        'container_limits={"memory": BUILD_MEMORY_BYTES, "memswap": BUILD_MEMORY_BYTES},',
        "",
        contained("TestBuild::test_the_memory_of_a_build_command_is_limited"),
    ),
    Safeguard(
        "a build that fetches nothing",
        IMAGES,
        "        if ADD_INSTRUCTION.search(dockerfile):\n",
        "        if False:\n",
        contained("TestDockerfile::test_the_instruction_add_is_refused[ONBUILD ADD x /x]"),
    ),
    Safeguard(
        "no part of the disk",
        IMAGES,
        "        self._refuse_volumes(port, tag)\n",
        "",
        contained("TestBuild::test_an_image_with_a_volume_is_refused"),
    ),
    Safeguard(
        "no container of a run that was killed",
        DOCKER,
        "        self._containers.remove_orphans()\n",
        "",
        contained("TestInterruption::test_containers_of_a_killed_run_are_removed_by_the_next"),
    ),
    Safeguard(
        "a build that ends",
        IMAGES,
        "with limit_time(self._build_seconds, connection.abort):",
        "with contextlib.nullcontext():",
        contained("TestBuild::test_a_build_that_takes_too_long_leaves_no_container"),
        endless=True,
    ),
)


def interrupted(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/end_to_end/test_interruptions.py::{test}" for test in tests)


def bad_input(*tests: str) -> tuple[str, ...]:
    return tuple(f"tests/end_to_end/test_bad_input.py::{test}" for test in tests)


OURSELVES = (
    Safeguard(
        "a report is written beside the old one",
        "harness/files.py",
        "        path.parent.mkdir(parents=True, exist_ok=True)\n",
        '        path.parent.mkdir(parents=True, exist_ok=True)\n        path.write_text("")\n',
        interrupted(
            "TestADiskThatIsFull::test_older_reports_are_whole[:;-No space left on device]"
        ),
    ),
    Safeguard(
        "what could not be written is not left behind",
        "harness/files.py",
        "                Path(temporary_path).unlink()\n",
        "                pass\n",
        interrupted(
            "TestADiskThatIsFull::test_older_reports_are_whole[:;-No space left on device]"
        ),
    ),
    Safeguard(
        "a signal has its status",
        "harness/signals.py",
        "    os._exit(128 + number)",
        "    os._exit(1)",
        interrupted("TestSignals::test_while_it_is_loaded[2]"),
    ),
    Safeguard(
        "a signal while the harness is loaded",
        "harness/__main__.py",
        "    exit_on_signals()\n",
        "",
        interrupted("TestSignals::test_while_it_is_loaded[15]"),
    ),
    Safeguard(
        "a signal while Python ends",
        "harness/__main__.py",
        "        ignore_signals()\n",
        "        pass\n",
        interrupted("TestSignals::test_while_python_itself_ends"),
    ),
    Safeguard(
        "judges end with the process that they judge for",
        "harness/fuzz/campaign.py",
        "    Thread(target=exit_with_parent, daemon=True).start()\n",
        "",
        ("tests/end_to_end/test_fuzz.py::test_no_process_outlives_it[9]",),
    ),
    Safeguard(
        "a container that waits when its engine is closed",
        "harness/engines/docker/containers.py",
        "(RuntimeError, CancelledError)",
        "RuntimeError",
        contained("TestContainers::test_a_container_still_waiting_at_closing_is_refused"),
    ),
    Safeguard(
        "an engine that goes away in mid-run",
        "harness/engines/docker/client.py",
        "    except CONNECTION_ERRORS as error:\n",
        "    except ZeroDivisionError as error:\n",
        interrupted("TestAnEngineThatGoesAway::test_in_the_middle_of_a_run"),
    ),
    Safeguard(
        "a build that never ends costs no other port anything",
        "harness/run/runner.py",
        "    except (HarnessError, OSError) as error:\n",
        "    except ZeroDivisionError as error:\n",
        interrupted("test_a_build_that_never_ends_costs_no_other_port_anything[local]"),
    ),
    Safeguard(
        "a file is not read to the end",
        "harness/inputs/yaml.py",
        "MAXIMUM_BYTES = 2_000_000",
        "MAXIMUM_BYTES = 2_000_000_000",
        bad_input("TestCaseFiles::test_100_megabytes_are_not_read"),
    ),
    Safeguard(
        "a patch changes files of its port alone",
        "harness/inputs/patches.py",
        "if file.path not in files:",
        "if False:",
        bad_input("TestPatches::test_a_patch_changes_files_of_the_port_alone[/etc/passwd]"),
    ),
    Safeguard(
        "results hang together",
        "harness/results/schema.py",
        "    for amiss in inconsistencies(results):\n",
        "    for amiss in ():\n",
        bad_input(
            "TestResults::test_report_and_diff_refuse_it_with_the_place"
            "[answers.1.port-nobody-there is no port 'nobody']"
        ),
    ),
)

SAFEGUARDS = (
    *ENDING,
    *HANGING,
    *STEP,
    *FLOODS,
    *MONOLOGUES,
    *SCRAWLS,
    *ELSEWHERE,
    *LIMITS,
    *OURSELVES,
)
