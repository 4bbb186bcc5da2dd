"""Uniforms from an integer hash of (seed, customer, draw), and what is drawn from them."""

from __future__ import annotations

from types import EllipsisType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint64]
Reals = NDArray[np.float64]


def hash_bits(seed: int, customer: Bits, draw: Bits | int) -> Bits:
    """Sixty-four random bits for each (seed, customer, draw), the same on every machine.

    Notes
    -----
    With mix(z) the step of splitmix64 (add 0x9E3779B97F4A7C15, then two rounds of xor-shift and
    multiply and one xor-shift, modulo 2**64), the bits are
    mix(mix(mix(seed) ^ customer) ^ draw). Integers only: nothing depends on order or platform.

    References
    ----------
    Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators, OOPSLA.
    """
    return draw_bits(stream(seed, customer), draw)


def stream(seed: int, customer: Bits) -> Bits:
    """The part of `hash_bits` that all draws of a customer share."""
    return _mix(_mix(np.array([seed], dtype=np.uint64)) ^ customer)


def draw_bits(stream: Bits, draw: Bits | int) -> Bits:
    """The bits of one draw, from the customers' streams."""
    return _mix(stream ^ np.asarray(draw, dtype=np.uint64))


def _mix(z: Bits) -> Bits:
    # Arrays wrap around in silence, which is meant; numpy warns only for scalars.
    z = z + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def uniform(bits: Bits) -> Reals:
    """Uniforms strictly between 0 and 1: the top 32 bits plus a half, over 2**32.

    Times any number of days below 2**20 they stay below it: nothing is rounded up to the end.
    """
    return ((bits >> np.uint64(32)).astype(np.float64) + 0.5) * 2.0**-32


def pick(bits: Bits, n_choices: int) -> NDArray[np.int64]:
    """A choice 0..n-1 with equal shares, in integers: the top 32 bits times n, over 2**32."""
    return (((bits >> np.uint64(32)) * np.uint64(n_choices)) >> np.uint64(32)).astype(np.int64)


def choose(u: Reals, shares: Reals, row: NDArray[Any] | EllipsisType = ...) -> NDArray[np.int64]:
    """A choice 0..n-1 with unequal shares: how many of the running sums are at most `u`.

    `shares` runs over the choices on its last axis; `row` says whose shares each uniform meets.
    """
    bounds = np.cumsum(shares, axis=-1)
    chosen = np.zeros(u.shape, dtype=np.int64)
    # The last sum is 1 but for rounding: nobody may pass it.
    for choice in range(bounds.shape[-1] - 1):
        chosen += u >= bounds[..., choice][row]
    return chosen


def blend(shared: Reals, own: Reals, weight: float) -> Reals:
    """A uniform made of two: blends with the same `shared` part are alike, and still uniform.

    The sum v = weight * shared + (1 - weight) * own, 0 < weight <= 1/2, goes through its own
    distribution function, a trapezoid's; two sums correlate by w^2 / (w^2 + (1 - w)^2).
    """
    low, high = weight, 1.0 - weight
    v = low * shared + high * own
    rest = np.minimum(v, 1.0 - v)
    corner = np.where(v < 0.5, rest * rest, 2.0 * low * high - rest * rest) / (2.0 * low * high)
    return np.where(rest < low, corner, (v - low / 2.0) / high)


def exponential(bits: Bits) -> Reals:
    """Exponentials of mean 1, -log(uniform), to the same last digit on every machine.

    `np.log` may differ in its last digit between machines; sums and products may not. So
    log m = 2 atanh(s), s = (m - 1) / (m + 1), by its series, with m in [0.707, 1.414).
    """
    mantissa, exponent = np.frexp(((bits >> np.uint64(11)) | np.uint64(1)).astype(np.float64))
    small = mantissa < 0.70710678
    mantissa = np.where(small, 2.0 * mantissa, mantissa)
    power = 53.0 - np.where(small, exponent - 1, exponent)
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square = s * s
    series = np.zeros_like(s)
    for odd in range(21, 0, -2):
        series = series * square + 1.0 / odd
    return power * 0.6931471805599453 - 2.0 * s * series


def erlang(stream: Bits, draw: int, shape: int) -> Reals:
    """Erlangs of mean 1: the mean of `shape` exponentials, from the draws `draw`, `draw` + 1, ...

    Their coefficient of variation is 1 / sqrt(shape): 1 is an exponential, many are a clock.
    """
    total = np.zeros(len(stream))
    for part in range(shape):
        total += exponential(draw_bits(stream, draw + part))
    return total / shape


def erlang_wait(stream: Bits, draw: int, shape: int) -> Reals:
    """The wait for the next event when one arrives midway, in a history of `erlang` gaps.

    Each of the `shape` parts of the gap is equally likely to be the one under way, and a part,
    being exponential, starts anew. Uses the draws `draw`, ..., `draw` + `shape`.
    """
    under_way = pick(draw_bits(stream, draw), shape)
    total = np.zeros(len(stream))
    for part in range(shape):
        total += exponential(draw_bits(stream, draw + 1 + part)) * (part <= under_way)
    return total / shape


def exp(x: Reals) -> Reals:
    """e**x by its series, to the same last digit on every machine, which `np.exp` does not promise.

    x = k log 2 + r with whole k and abs(r) below 0.35, where fourteen terms are enough.
    """
    power = np.rint(x * 1.4426950408889634)
    r = x - power * 0.6931471805599453
    series = np.ones_like(r)
    for n in range(14, 0, -1):
        series = 1.0 + series * r / n
    scaled: Reals = np.ldexp(series, power.astype(np.int32))
    return scaled


def pareto(bits: Bits, alpha: float, log_largest: float) -> Reals:
    """Pareto sizes from 1 to e**log_largest: up to there the number above x falls as x**-alpha.

    The log of a Pareto is exponential, and what an exponential leaves when divided by c is an
    exponential that ends at c.
    """
    return exp(np.fmod(exponential(bits), alpha * log_largest) / alpha)
