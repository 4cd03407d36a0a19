"""The sliding window, in mel frames of 10 ms: what the stream's past, hop and look-ahead are."""

from __future__ import annotations

from dataclasses import dataclass

STEP = 4  # mel frames in one frame of output


@dataclass(frozen=True)
class Window:
    """All multiples of 4. A pass sees `back`, `hop` and `ahead`, and answers for `hop`."""

    back: int = 128
    hop: int = 32
    ahead: int = 32

    @property
    def whole(self) -> int:
        return self.back + self.hop + self.ahead

    @property
    def answer(self) -> slice:
        """The answer's frames of 20 ms within the pass."""
        return slice(self.back // 2, (self.back + self.hop) // 2)
