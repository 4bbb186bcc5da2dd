"""Shares of those at risk, and what is left when they are multiplied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

RESIDUE = 1e-14  # weights summed in another order may leave so much where everyone left


def ratio(part: Floats, whole: Floats) -> Floats:
    """``part / whole``, 0 where there is no whole."""
    return np.asarray(part / np.where(whole > 0, whole, np.inf))


def staying(n_risk: Floats, n_event: Floats) -> Floats:
    """Kaplan–Meier: Π (1 − d/n), 0 to the last digit once everyone at risk has left."""
    stay = 1 - ratio(n_event, n_risk)
    stay[stay <= RESIDUE] = 0.0
    return np.asarray(np.cumprod(stay), dtype=np.float64)
