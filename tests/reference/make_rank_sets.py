"""Frozen rank sets and random-effects variances: writes rank_sets.csv and paule_mandel.csv here.

pip install multiple-inference==1.2.0 statsmodels==0.15.0; cd tests/reference && python
make_rank_sets.py

Survey s of 24: p = 3 to 8 factors, n = 100 to 5000 customers. A customer's satisfactions are a
mean of the factor plus a common mood and noise of its own, importances are noise, both rounded to 1
to 10; pressures as the index defines them. Estimates are their means, with the covariance of these.
Rank sets of multiple_inference.confidence_set at 95 % with normal errors, in a single step
(fast=True), and the critical values they were cut at, from the same 100,000 draws.

statsmodels 0.15.0 answers 0 where its last step lands a rounding below the root, so each set is
asked with wider tolerances until the answer is not 0; where it stays 0, it is.
"""

import csv

import numpy as np
from multiple_inference.confidence_set import MarginalRanking, SimultaneousRanking
from statsmodels.stats.meta_analysis import combine_effects

DRAWS, MOST = 100_000, 8
KINDS = ("spread", "near ties", "one leader")


def survey(rng, kind, p, n, mood):
    """Pressures of n customers (rows) on p factors."""
    if kind == "spread":
        level = np.linspace(5, 7, p)
    elif kind == "near ties":
        level = 6 + rng.normal(0, 0.3, p)
    else:
        level = np.array([3.5] + [7.0] * (p - 1))
    own = rng.normal(0, 2, (n, p)) + mood * rng.normal(0, 2, (n, 1))
    deficit = 1 - (np.clip(np.round(level + own), 1, 10) - 1) / 9
    above = np.clip(np.round(rng.normal(6, 2, (n, p))), 1, 10) - 1
    above[above.sum(axis=1) == 0] = 1
    return above / above.sum(axis=1, keepdims=True) * deficit


def critical(rvs, mean, covariance):
    """The critical values of each factor's own pairs, and of all pairs, of the package's draws."""
    own = np.diag(covariance)
    error = np.sqrt(own[:, None] + own - 2 * covariance) + np.eye(len(own))
    gaps = [np.abs(rvs - mean - (rvs - mean)[:, [j]]) / error[j] for j in range(len(own))]
    each = np.array([gap.max(axis=1) for gap in gaps])
    return np.quantile(each, 0.95, axis=1), np.quantile(each.max(axis=0), 0.95)


def rank_sets():
    rng = np.random.default_rng(20240607)
    for s in range(24):
        kind, p = KINDS[s % 3], 3 + s // 3 % 6
        n = int(rng.choice([100, 300, 1000, 5000]))
        mood = (0.0, 0.7)[s % 2]
        pressure = survey(rng, kind, p, n, mood)
        mean, covariance = pressure.mean(axis=0), np.cov(pressure.T) / n
        one = MarginalRanking(mean, covariance, random_state=s).fit(n_samples=DRAWS)
        all_ = SimultaneousRanking(mean, covariance).fit(n_samples=DRAWS)
        own, _ = critical(one._rvs, mean, covariance)
        _, together = critical(all_._pairwise_comparison._rvs, mean, covariance)
        sets = [each.conf_int(0.05, fast=True).astype(int) for each in (one, all_)]
        for j in range(p):
            row = [s, kind, n, mood, mean[j], *covariance[j], *[""] * (MOST - p)]
            yield [*row, *sets[0][j], *sets[1][j], own[j], together]


def effects():
    rng = np.random.default_rng(7)
    for s in range(30):
        k = int(rng.integers(3, 13))
        variance = rng.uniform(0.2, 3, k) ** 2 if s % 3 else np.full(k, 1.0)
        mean = 5 + rng.normal(0, 1, k) * np.sqrt(variance) + rng.normal(0, (0, 2, 5)[s % 5 % 3], k)
        for atol in (1e-10, 1e-8, 1e-6, 1e-5):
            found = combine_effects(mean, variance, method_re="iterated", atol=atol, maxiter=1000)
            if found.tau2 > 0:
                break
        for j in range(k):
            yield [s, mean[j], variance[j], found.tau2, found.mean_effect_re]


def write(name, header, rows):
    with open(f"{name}.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        for row in rows:
            out.writerow([f"{v:.17g}" if isinstance(v, float) else v for v in row])


names = [f"cov_{k}" for k in range(MOST)]
sets = ["marginal_low", "marginal_high", "simultaneous_low", "simultaneous_high"]
header = ["survey", "kind", "customers", "mood", "estimate", *names, *sets]
write("rank_sets", [*header, "marginal_critical", "simultaneous_critical"], rank_sets())
write("paule_mandel", ["set", "mean", "variance", "between", "common"], effects())
