"""Uniforms from an integer hash of (seed, customer, draw), and what is drawn from them."""

from __future__ import annotations

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
