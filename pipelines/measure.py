"""What a step costs: seconds, and the peak of the process's memory while it ran."""

import threading
import time
from types import TracebackType

import psutil

INTERVAL_SECONDS = 0.05
MEGABYTE = 1_000_000


class Measured:
    """Context manager; seconds and peak_mb (resident memory of the whole process, in MB) hold after it ends."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.peak_mb = 0
        self._process = psutil.Process()
        self._ended = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> "Measured":
        self._start = time.perf_counter()
        self._sampler.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._sampler.join()
        self.seconds = time.perf_counter() - self._start

    def _sample(self) -> None:
        while True:
            self.peak_mb = max(self.peak_mb, self._process.memory_info().rss // MEGABYTE)
            if self._ended.wait(INTERVAL_SECONDS):
                return
