"""A line search for the strong Wolfe conditions."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Trial", "wolfe"]

DECREASE, CURVATURE = 1e-4, 0.9
SAFE = 0.1  # of an interval: the least that interpolation keeps from its ends


@dataclass(frozen=True)
class Trial:
    """A point of the curve: the time, the value and the slope there, and whatever the search's caller wants of it."""

    time: float
    value: float
    slope: float
    found: Any = None


def wolfe(curve: Callable[[float], Trial], start: Trial, time: float, noise: float, trials: int) -> Trial | None:
    """Find a time with a value and a slope small enough for a quasi-Newton method.

    Parameters
    ----------
    curve : callable
        Returns the trial at a time.
    start : Trial
        At time 0, with a negative slope.
    time : float
        The first time to try.
    noise : float
        What values may be wrong by.
    trials : int
        How many times to try at most.

    Returns
    -------
    Trial or None
        One that satisfies the strong Wolfe conditions or, where trials run out, sufficient decrease alone; None if no
        trial decreased the value.

    Notes
    -----
    Nocedal and Wright (2006), algorithms 3.5 and 3.6. A value that is no number counts as too large.
    """
    low, high = start, None
    for _ in range(trials):
        now = curve(time)
        enough = now.value <= start.value + DECREASE * time * start.slope + noise
        if not enough or (now.value > low.value + noise and low is not start):
            high = now
        elif abs(now.slope) <= -CURVATURE * start.slope:
            return now
        elif high is None and now.slope < 0:
            low, time = now, 4 * time
            continue
        else:
            if high is None or now.slope * (high.time - low.time) >= 0:
                high = low
            low = now
        time = between(low, high)
        if time in (low.time, high.time):
            break
    return low if low.value < start.value else None


def between(low: Trial, high: Trial) -> float:
    """Return the time of the least value of the cubic through two trials, not too near to either."""
    width = high.time - low.time
    best = low.time + 0.5 * width
    if math.isfinite(high.value) and math.isfinite(high.slope):
        total = low.slope + high.slope - 3 * (high.value - low.value) / width
        inner = total * total - low.slope * high.slope
        if inner >= 0:
            root = math.copysign(math.sqrt(inner), width)
            bottom = high.slope - low.slope + 2 * root
            if bottom != 0:
                best = high.time - width * (high.slope + root - total) / bottom
    if not math.isfinite(best):
        best = low.time + 0.5 * width
    first, last = sorted((low.time + SAFE * width, high.time - SAFE * width))
    return min(max(best, first), last)
