"""What SciPy says of the scores of TestScores: python3 scores.py > scores.json"""
import json
import itertools
import numpy as np
from scipy import stats

TABLE = {
    "base": [0.81, 0.79, 0.83, 0.80, 0.78, 0.82, 0.77, 0.84],
    "first": [0.86, 0.83, 0.85, 0.87, 0.80, 0.88, 0.84, 0.85],
    "second": [0.80, 0.82, 0.81, 0.83, 0.77, 0.84, 0.79, 0.82],
}


def flips(d):
    sums = [abs(np.dot(s, d)) for s in itertools.product([1, -1], repeat=len(d))]
    return float(np.mean([s >= abs(d.sum()) - 1e-12 for s in sums]))


out = {}
base = np.array(TABLE["base"])
for name, scores in TABLE.items():
    x = np.array(scores)
    low, high = stats.t.interval(0.95, len(x) - 1, x.mean(), stats.sem(x))
    boot = stats.bootstrap((x,), np.mean, method="BCa", n_resamples=200000, random_state=0) if hasattr(stats, "bootstrap") else None
    record = {"mean": x.mean(), "sd": x.std(ddof=1), "student": [low, high], "middle": float(stats.trim_mean(x, 0.25))}
    if boot is not None:
        record["bca"] = [boot.confidence_interval.low, boot.confidence_interval.high]
    if name != "base":
        d = np.round(x - base, 10)
        t = stats.ttest_rel(x, base)
        low, high = stats.t.interval(0.95, len(d) - 1, d.mean(), stats.sem(d))
        l90, h90 = stats.t.interval(0.90, len(d) - 1, d.mean(), stats.sem(d))
        r = np.argsort(np.argsort(abs(d)))
        ranks = stats.rankdata(abs(d))
        plus = ranks[d > 0].sum()
        total = [sum(rk for rk, s in zip(ranks, signs) if s) for signs in itertools.product([0, 1], repeat=len(d))]
        more = max(plus, ranks.sum() - plus)
        wilcoxon = min(1.0, 2 * float(np.mean([v >= more - 1e-9 for v in total])))
        effect = d.mean() / d.std(ddof=1)
        nct = lambda n: 1 - stats.nct.cdf(stats.t.ppf(0.975, n - 1), n - 1, abs(effect) * n ** 0.5) + stats.nct.cdf(-stats.t.ppf(0.975, n - 1), n - 1, abs(effect) * n ** 0.5)
        needed = next(n for n in range(2, 100000) if nct(n) >= 0.8)
        corrected = d.mean() / np.sqrt((1 / len(d) + 0.5) * d.var(ddof=1))
        record.update(t=float(t.pvalue), difference=[low, high], within=[l90, h90], flips=flips(d), wilcoxon=wilcoxon, effect=effect,
                      needed=needed, shown=(stats.t.ppf(0.975, len(d) - 1) + stats.t.ppf(0.8, len(d) - 1)) * d.std(ddof=1) / len(d) ** 0.5,
                      corrected=float(2 * stats.t.sf(abs(corrected), len(d) - 1)))
    out[name] = record
print(json.dumps({"scores": TABLE, "want": out}, indent=1))
