"""A fitted model of renewals: projections, expected tenure, expected residual renewals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from churnlab import checks, intervals
from churnlab.checks import InputError
from churnlab.renewals import shapes

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

CONVENTIONS = ("next_now", "next_discounted", "with_current")


@dataclass(frozen=True)
class Renewals:
    """What :func:`fit` found.

    Attributes
    ----------
    model : str
        ``"sbg"`` or ``"bdw"``.
    coefficients : DataFrame
        ``term, estimate, std_error, conf_low, conf_high``.
    loglik : float
        Log-likelihood at the estimate.
    n : float
        Customers at age 0, over all cohorts.
    n_cohorts : int
        Number of cohorts.
    """

    model: str
    coefficients: pd.DataFrame = field(repr=False)
    loglik: float
    n: float
    n_cohorts: int
    _covariance: tuple[tuple[float, ...], ...] = field(repr=False)
    _level: float = field(repr=False)

    def project(self, until: int) -> pd.DataFrame:
        """Survival and retention at every age up to ``until``, seen and not yet seen.

        The limits are those of the parameters alone: that the future follows the model is not in
        them.

        Parameters
        ----------
        until : int
            Last age, in renewal periods.

        Returns
        -------
        DataFrame
            ``age, estimate`` (share still customers), ``std_error, conf_low, conf_high`` (delta
            method, log-log limits) and ``retention`` (share of those at the age before who renewed;
            missing at age 0).
        """
        last = checks.whole("until", until, least=1)
        ages = np.arange(last + 1, dtype=float)
        theta = self._theta()
        survival = np.exp(shapes.log_survival(ages, theta))
        slope = survival[:, None] * shapes.gradient(ages, theta)
        variance = np.einsum("ij,jk,ik->i", slope, np.array(self._covariance), slope)
        error = np.sqrt(np.maximum(variance, 0))
        low, high = intervals.survival(survival, error, level=self._level)
        retention = np.append(np.nan, survival[1:] / survival[:-1])
        table = pd.DataFrame({"age": ages.astype("int64"), "estimate": survival})
        table = table.assign(std_error=error, conf_low=low, conf_high=high, retention=retention)
        table.attrs = checks.attrs(None, [])
        return table

    def tenure(self, until: int | None = None) -> float:
        """Expected renewal periods as a customer, the first included, up to ``until`` or for ever.

        For ever it is infinite where the churn rates of the most loyal come too close to 0 (sBG:
        α ≤ 1); a finite ``until`` always has an answer.

        Notes
        -----
        Σ S(t) over t = 0, 1, …; (α + β − 1) / (α − 1) for sBG without an end.
        """
        theta = self._theta()
        if until is not None:
            ages = np.arange(checks.whole("until", until, least=1), dtype=float)
            return float(np.exp(shapes.log_survival(ages, theta)).sum())
        alpha, beta, c = theta[0], theta[1], theta[2] if len(theta) == 3 else 1.0
        if alpha * c <= 1:  # S(t) falls as t to the power of −α·c
            return float("inf")
        if self.model == "sbg":
            return float((alpha + beta - 1) / (alpha - 1))
        return self._summed(theta, 0, 1.0)

    def derl(self, renewals: int, *, discount: float) -> pd.DataFrame:
        """Discounted expected residual lifetime, in renewals, of a customer who renewed so often.

        The trap: three conventions are in use and differ by more than most forecasts err; times
        the margin per renewal, each is a residual lifetime value of another moment.

        Parameters
        ----------
        renewals : int
            Renewals made so far.
        discount : float
            Discount rate per period, above 0.

        Returns
        -------
        DataFrame
            ``convention`` (next_now: just before the next renewal is due, that one undiscounted;
            next_discounted: the same one period earlier; with_current: the current one counted
            too), ``estimate`` (renewals).

        Notes
        -----
        next_now = Σ S(n + k) / S(n) / (1 + d)^(k − 1) over k = 1, 2, …; next_discounted = next_now /
        (1 + d); with_current = 1 + next_discounted.
        """
        n = checks.whole("renewals", renewals, least=0)
        d = checks.number("discount", discount)
        if d <= 0:
            raise InputError("discount must be above 0: without it the sum may have no end.")
        theta = self._theta()
        alive = float(np.exp(shapes.log_survival(np.array([float(n)]), theta))[0])
        now = self._summed(theta, n + 1, 1 / (1 + d)) / alive
        table = pd.DataFrame(
            {"convention": list(CONVENTIONS), "estimate": [now, now / (1 + d), 1 + now / (1 + d)]}
        )
        table.attrs = checks.attrs(None, [])
        return table

    def _theta(self) -> Floats:
        theta: Floats = self.coefficients["estimate"].to_numpy(dtype="float64")
        return theta

    @staticmethod
    def _summed(theta: Floats, first: int, factor: float) -> float:
        """Σ S(first + k) · factor^k, until the terms no longer count."""
        total, block, start = 0.0, 4096, 0
        while True:
            k = np.arange(start, start + block, dtype=float)
            terms = np.exp(shapes.log_survival(first + k, theta)) * factor**k
            total += float(terms.sum())
            if terms[-1] * (start + block) < 1e-13 * total or start > 1e8:
                return total
            start, block = start + block, min(block * 2, 1 << 20)
