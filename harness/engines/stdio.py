"""The transfer of bytes to and from a running process. Waits for input and output together.

Each engine supplies the file descriptors (pipes of a child, or the socket of a container) and
the methods that end the process.
"""

from __future__ import annotations

import os
import selectors
import signal
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping

from harness.engines.base import Chunk, Exit, Process, Stream

BYTES_PER_READ = 32 * 1024
"""Bytes read from one descriptor at a time. There are at most two, so `receive` reads 64 KiB."""

MAXIMUM_FINAL_OUTPUT_BYTES = 32 * 1024
"""Bytes that are kept, for each stream, of what a process writes while it is stopped."""

SECONDS_FOR_FINAL_OUTPUT = 1.0
"""Seconds to wait for the rest of the output after a process has been killed."""

Decoder = Callable[[bytes], list[Chunk]]
"""Turns the bytes that were read from a descriptor into chunks of the two streams."""


class StdioProcess(Process):
    """The part of a process that both engines share: its queue of input, and its output.

    `sink` is the descriptor that input is written to. `sources` maps each descriptor to read to
    its decoder; the first carries standard output. All descriptors are made non-blocking. The
    subclass owns them, and closes them in `_release`.
    """

    def __init__(self, sink: int, sources: Mapping[int, Decoder]) -> None:
        self._sink = sink
        self._sources = dict(sources)
        self._output_descriptor = next(iter(sources))
        self._input_queue = bytearray()
        self._close_requested = False
        self._sink_closed = False
        self._exit: Exit | None = None
        self._final_output: dict[Stream, bytes] = {}
        self._selector = selectors.DefaultSelector()
        os.set_blocking(sink, False)
        for source in sources:
            os.set_blocking(source, False)
            self._selector.register(source, selectors.EVENT_READ)

    def send(self, data: bytes) -> None:
        if not self._close_requested and data:
            self._input_queue += data
            self._register_sink()

    def close_input(self) -> None:
        self._close_requested = True
        if not self._input_queue:
            self._close_sink_once()

    def receive(self, timeout: float) -> list[Chunk]:
        if self._final_output:
            final_output, self._final_output = self._final_output, {}
            return [Chunk(stream, data) for stream, data in final_output.items()]
        return self._transfer(timeout)

    @property
    def output_closed(self) -> bool:
        return self._output_descriptor not in self._sources and not self._final_output

    @property
    def closed(self) -> bool:
        return not self._sources and not self._final_output

    def stop(self, grace: float = 0.5) -> Exit:
        if self._exit is None:
            self._discard_input()
            for signal_number in (None, signal.SIGTERM):
                if signal_number is not None:
                    self._signal(signal_number)
                if self._read_until_ended(grace):
                    break
            self._exit = self._kill()
            self._read_until_closed(SECONDS_FOR_FINAL_OUTPUT)
            self._release()
            self._sources.clear()
            self._selector.close()
        return self._exit

    @abstractmethod
    def _close_sink(self) -> None:
        """Close the standard input of the process."""

    @abstractmethod
    def _signal(self, signal_number: signal.Signals) -> None:
        """Send a signal to the process, unless it has ended."""

    @abstractmethod
    def _wait_for_end(self, seconds: float) -> bool:
        """Wait up to `seconds` for the process to end, and return whether it has ended."""

    @abstractmethod
    def _kill(self) -> Exit:
        """Kill the process and everything it started, and return its end."""

    @abstractmethod
    def _release(self) -> None:
        """Close the descriptors, and remove the folder or container of the process."""

    def _transfer(self, timeout: float) -> list[Chunk]:
        """Write and read until there is output, a stream ends, or the timeout is over."""
        deadline = time.monotonic() + timeout
        while self._sources:
            remaining = deadline - time.monotonic()
            open_streams = len(self._sources)
            ready = self._selector.select(max(0.0, remaining))
            chunks = [chunk for key, _ in ready for chunk in self._handle_ready(key.fd)]
            if chunks or not ready or remaining <= 0 or len(self._sources) < open_streams:
                return chunks
        return []

    def _handle_ready(self, descriptor: int) -> list[Chunk]:
        """Write to, or read from, a descriptor that is ready."""
        if descriptor == self._sink:
            self._write()
            return []
        return self._read(descriptor)

    def _read(self, source: int) -> list[Chunk]:
        try:
            data = os.read(source, BYTES_PER_READ)
        except BlockingIOError:
            return []
        except OSError:
            # The other side closed the connection with an error: treat it as the end of the stream.
            data = b""
        if data:
            return self._sources[source](data)
        self._selector.unregister(source)
        del self._sources[source]
        return []

    def _write(self) -> None:
        try:
            del self._input_queue[: os.write(self._sink, self._input_queue[:BYTES_PER_READ])]
        except BlockingIOError:
            return
        except OSError:
            # The process no longer reads. If it has ended, its output will end too.
            self._discard_input()
            return
        if not self._input_queue:
            self._selector.unregister(self._sink)
            if self._close_requested:
                self._close_sink_once()

    def _register_sink(self) -> None:
        if self._sink not in self._selector.get_map():
            self._selector.register(self._sink, selectors.EVENT_WRITE)

    def _discard_input(self) -> None:
        """Discard the queued input, and close standard input."""
        if self._input_queue:
            self._input_queue.clear()
            self._selector.unregister(self._sink)
        self._close_requested = True
        self._close_sink_once()

    def _close_sink_once(self) -> None:
        if not self._sink_closed:
            self._sink_closed = True
            self._close_sink()

    def _read_until_ended(self, seconds: float) -> bool:
        """Wait up to `seconds` for the process to end and keep its output; return if it ended."""
        deadline = time.monotonic() + seconds
        self._read_until_closed(seconds)
        return self._wait_for_end(max(0.0, deadline - time.monotonic()))

    def _read_until_closed(self, seconds: float) -> None:
        """Read until both streams end, so that a full pipe does not delay the end."""
        deadline = time.monotonic() + seconds
        while self._sources and (remaining := deadline - time.monotonic()) > 0:
            self._keep_final_output(self._transfer(remaining))
        # The harness itself may have been stopped while the time passed.
        self._read_pending()

    def _read_pending(self) -> None:
        """Read the output that is already there, up to the number of bytes that is kept."""
        for _ in range(MAXIMUM_FINAL_OUTPUT_BYTES // 1024):
            chunks = self._transfer(0.0)
            if not chunks:
                return
            self._keep_final_output(chunks)

    def _keep_final_output(self, chunks: list[Chunk]) -> None:
        for chunk in chunks:
            output = self._final_output.get(chunk.stream, b"") + chunk.data
            self._final_output[chunk.stream] = output[-MAXIMUM_FINAL_OUTPUT_BYTES:]
