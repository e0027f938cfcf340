"""Bytes to and from a running process, without ever waiting on one side alone.

Both engines hand over file descriptors; what is behind them (pipes of a child, the socket of a
container) and how the process is ended is theirs to know.
"""

from __future__ import annotations

import os
import selectors
import signal
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping

from harness.engines.base import Chunk, Exit, Process, Stream

PIECE = 32 * 1024
"""Bytes read at a time from one descriptor; there are two at most, so 64 KiB per `receive`."""

LAST_WORDS = 32 * 1024
"""How many bytes of what a process prints while it is stopped are kept, for each stream."""

SECONDS_FOR_LAST_WORDS = 1.0
"""How long output that is still on its way is awaited once the process has been killed."""

Decoder = Callable[[bytes], list[Chunk]]
"""Says what the bytes that were read from a descriptor are, in chunks of the two streams."""


class StdioProcess(Process):
    """The half of a process that both engines share: its queue of input, and its output.

    `sink` takes what is sent. `sources` are the descriptors to read, each with its decoder; the
    first carries standard output. All of them are made non-blocking; the subclass owns them, and
    closes them in `_release`.
    """

    def __init__(self, sink: int, sources: Mapping[int, Decoder]) -> None:
        self._sink = sink
        self._sources = dict(sources)
        self._output = next(iter(sources))
        self._queue = bytearray()
        self._input_ending = False
        self._input_ended = False
        self._exit: Exit | None = None
        self._last_words: dict[Stream, bytes] = {}
        self._selector = selectors.DefaultSelector()
        os.set_blocking(sink, False)
        for source in sources:
            os.set_blocking(source, False)
            self._selector.register(source, selectors.EVENT_READ)

    def send(self, data: bytes) -> None:
        if not self._input_ending and data:
            self._queue += data
            self._watch_sink()

    def close_input(self) -> None:
        self._input_ending = True
        if not self._queue:
            self._finish_input()

    def receive(self, timeout: float) -> list[Chunk]:
        if self._last_words:
            words, self._last_words = self._last_words, {}
            return [Chunk(stream, data) for stream, data in words.items()]
        return self._pump(timeout)

    @property
    def output_closed(self) -> bool:
        return self._output not in self._sources and not self._last_words

    @property
    def closed(self) -> bool:
        return not self._sources and not self._last_words

    def stop(self, grace: float = 0.5) -> Exit:
        if self._exit is None:
            self._drop_input()
            for step in (None, signal.SIGTERM):
                if step is not None:
                    self._signal(step)
                if self._ends_within(grace):
                    break
            self._exit = self._kill()
            self._listen(SECONDS_FOR_LAST_WORDS)
            self._release()
            self._sources.clear()
            self._selector.close()
        return self._exit

    @abstractmethod
    def _end_input(self) -> None:
        """Tell the process that there is no more input."""

    @abstractmethod
    def _signal(self, step: signal.Signals) -> None:
        """Send a signal to the process, unless it has ended."""

    @abstractmethod
    def _has_ended(self, within: float) -> bool:
        """Whether the process has ended, or ends `within` seconds."""

    @abstractmethod
    def _kill(self) -> Exit:
        """Kill whatever is left of the process, and say how it ended."""

    @abstractmethod
    def _release(self) -> None:
        """Close the descriptors, and remove what the process ran in."""

    def _pump(self, timeout: float) -> list[Chunk]:
        """Write and read until there is output, a stream ends, or the time is over."""
        deadline = time.monotonic() + timeout
        while self._sources:
            remaining = deadline - time.monotonic()
            before = len(self._sources)
            ready = self._selector.select(max(0.0, remaining))
            chunks = [chunk for key, _ in ready for chunk in self._attend(key.fd)]
            if chunks or not ready or remaining <= 0 or len(self._sources) < before:
                return chunks
        return []

    def _attend(self, descriptor: int) -> list[Chunk]:
        """Do what a descriptor is ready for."""
        if descriptor == self._sink:
            self._write()
            return []
        return self._read(descriptor)

    def _read(self, source: int) -> list[Chunk]:
        try:
            data = os.read(source, PIECE)
        except BlockingIOError:
            return []
        except OSError:
            # The other side went away without a word: for a reader that is the end.
            data = b""
        if data:
            return self._sources[source](data)
        self._selector.unregister(source)
        del self._sources[source]
        return []

    def _write(self) -> None:
        try:
            del self._queue[: os.write(self._sink, self._queue[:PIECE])]
        except BlockingIOError:
            return
        except OSError:
            # The process no longer reads. Whether it has ended its output will tell.
            self._drop_input()
            return
        if not self._queue:
            self._selector.unregister(self._sink)
            if self._input_ending:
                self._finish_input()

    def _watch_sink(self) -> None:
        if self._sink not in self._selector.get_map():
            self._selector.register(self._sink, selectors.EVENT_WRITE)

    def _drop_input(self) -> None:
        """Forget what is queued, and end the input."""
        if self._queue:
            self._queue.clear()
            self._selector.unregister(self._sink)
        self._input_ending = True
        self._finish_input()

    def _finish_input(self) -> None:
        if not self._input_ended:
            self._input_ended = True
            self._end_input()

    def _ends_within(self, seconds: float) -> bool:
        """Wait for the end of the process, and keep what it prints meanwhile."""
        deadline = time.monotonic() + seconds
        self._listen(seconds)
        return self._has_ended(max(0.0, deadline - time.monotonic()))

    def _listen(self, seconds: float) -> None:
        """Read until both streams end, so that a full pipe does not put the end off."""
        deadline = time.monotonic() + seconds
        while self._sources and (remaining := deadline - time.monotonic()) > 0:
            self._keep(self._pump(remaining))

    def _hear(self) -> None:
        """Read what has come already; of a flood, as much as is kept."""
        for _ in range(LAST_WORDS // 1024):
            chunks = self._pump(0.0)
            if not chunks:
                return
            self._keep(chunks)

    def _keep(self, chunks: list[Chunk]) -> None:
        for chunk in chunks:
            kept = self._last_words.get(chunk.stream, b"") + chunk.data
            self._last_words[chunk.stream] = kept[-LAST_WORDS:]
