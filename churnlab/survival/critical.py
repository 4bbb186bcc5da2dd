"""How far a Brownian bridge strays: the critical values of simultaneous bands, to 1e-6 or better."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import exp, log, pi, sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize
from scipy.special import kolmogi, wofz

from churnlab.intervals import normal_quantile

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_NEGLIGIBLE = 37.0  # exp(−37) is below the last digit of a double
_MOST_TERMS = 100_000
_SHORT = 0.003  # log-odds length from which on all terms fit a small matrix


def hall_wellner(low: float, high: float, *, level: float) -> float:
    """The k with P(|B°(u)| ≤ k for all low ≤ u ≤ high) = level, B° the Brownian bridge."""
    nearest = min(max(low, 0.5), high)
    least = normal_quantile(level) * sqrt(nearest * (1 - nearest))
    if low == high:
        return least
    most = float(kolmogi(1 - level))  # that of the whole bridge
    return _root(lambda k: _bridge_stays(k, low, high), level, least * 0.999, most * 1.001)


def equal_precision(low: float, high: float, *, level: float) -> float:
    """The c with P(|B°(u)| ≤ c √(u (1 − u)) for all low ≤ u ≤ high) = level, 0 < low, high < 1."""
    length = log(high / low) - log((1 - high) / (1 - low))
    return normal_quantile(level) if length <= 0 else _equal_precision(length, float(level))


@lru_cache(maxsize=4096)
def _equal_precision(length: float, level: float) -> float:
    """The root of the chance to stray, whose logarithm is almost straight, by secants."""
    least = normal_quantile(level)

    def height(c: float) -> float:
        return log(max(1 - _oscillator_stays(c, length), 1e-300) / (1 - level))

    last, slope = _first_guess(least, length, level)
    above = height(last)
    move = -above / slope
    c = last + move
    for _ in range(12):
        if not least <= c <= least + 20 or (now := height(c)) == above:
            break
        step = -now * (c - last) / (now - above)
        last, above, c, before, move = c, now, c + step, move, step
        if abs(move * before) < 1e-10 and c >= least:  # the error left is smaller still
            return c
    return _bracketed(least, length, level)


def _first_guess(least: float, length: float, level: float) -> tuple[float, float]:
    """A value near the root, that of Miller and Siegmund's formula, and the slope of its logarithm."""

    def excess(c: float) -> float:
        return exp(-(c**2) / 2) / sqrt(2 * pi) * ((c - 1 / c) * length + 4 / c) / (1 - level)

    if length < 0.3 or level < 0.5:  # it fails for short ranges
        return least + sqrt(length) / 2, -least - 1
    c, slope = least + 3.0, -least
    for _ in range(8):  # from above, where its logarithm falls ever faster
        height = log(excess(c))
        slope = min((log(excess(c + 1e-5)) - height) / 1e-5, -0.1)
        c = max(c - height / slope, least, 1.2)
    return c, slope


def _bracketed(least: float, length: float, level: float) -> float:
    most = least + 1
    while _oscillator_stays(most, length) < level:
        most += 1
    return _root(lambda c: _oscillator_stays(c, length), level, least * 0.999, most)


def _root(stays: Callable[[float], float], level: float, least: float, most: float) -> float:
    return float(optimize.brentq(lambda x: stays(x) - level, least, most, xtol=1e-9))


def _bridge_stays(k: float, low: float, high: float) -> float:
    """P(|B°| ≤ k on [low, high]).

    From 0 to low and from high to 1 the bridge is free, with normal densities of variance low and
    1 − high; in between it is a Brownian motion absorbed at ±k, whose kernel is a series of
    cosines. The cosines' normal weights have a closed form.
    """
    waves = _waves(k, high - low)
    terms = np.exp(-(waves**2) * (high - low) / 2)
    terms *= _normal_weight(waves, k, low) * _normal_weight(waves, k, 1 - high)
    return float(sqrt(2 * pi) / k * terms.sum())


def _oscillator_stays(c: float, length: float) -> float:
    """P(|X| ≤ c for so long), X the bridge over its own error: a stationary Ornstein–Uhlenbeck process.

    In the log-odds of u its correlation is exp(−s/2). With ψ = √(normal density) · f its generator
    is the harmonic oscillator −½ ψ'' + (x²/8 − ¼) ψ in a box with walls at ±c.
    """
    waves = _waves(c, length, more=24)  # that many more leave an error of 1e-9
    if length < _SHORT:  # oscillator and box one after the other: wrong by the cube of the length
        spread = 2 / (1 + length / 4)
        start = _normal_weight(waves, c, spread) * sqrt(spread / 2) * exp(length / 8)
        energies, parts = waves**2 / 2, start
    else:
        squares = np.diag(waves**2 / 2 - 0.25) + _square_of_place(waves.size) * (c**2 / 8)
        energies, vectors = np.linalg.eigh(squares)
        parts = vectors.T @ _normal_weight(waves, c, 2.0)
    # √φ is (8π)^¼ times the normal density of variance 2
    return float(sqrt(8 * pi) / c * (np.exp(-energies * length) * parts**2).sum())


def _waves(wall: float, time: float, *, more: int = 40) -> Floats:
    """Frequencies of the cosines that vanish at ±wall, as far as they last for the time."""
    terms = sqrt(2 * _NEGLIGIBLE / time) * wall / pi + more
    odd = 2.0 * np.arange(min(int(terms), _MOST_TERMS)) + 1
    return np.asarray(odd * (pi / (2 * wall)), dtype=np.float64)


def _normal_weight(waves: Floats, wall: float, variance: float) -> Floats:
    """∫ over [−wall, wall] of cos(wave · x) times the normal density of that variance."""
    if variance <= 0:
        return np.ones_like(waves)
    beyond = wofz((1j * wall + variance * waves) / sqrt(2 * variance)) * np.exp(1j * wall * waves)
    tails = exp(-(wall**2) / (2 * variance)) * beyond.real
    return np.asarray(np.exp(-variance * waves**2 / 2) - tails)


@lru_cache(maxsize=64)
def _square_of_place(size: int) -> Floats:
    """x² between any two of the cosines, each divided by √wall, for walls at ±1."""
    n = np.arange(size)
    return np.asarray((_moment(n[:, None] - n) + _moment(n[:, None] + n + 1)) / 2)


def _moment(q: npt.NDArray[np.int64]) -> Floats:
    """∫ x² cos(q π x) over [−1, 1], for whole q."""
    with np.errstate(divide="ignore"):
        return np.where(q == 0, 2 / 3, 4 * (1 - 2 * (q % 2)) / (pi * q) ** 2)
