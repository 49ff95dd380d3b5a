#!/usr/bin/env python3
"""Venn's statistics beside NumPy, SciPy and scikit-learn, on the same data and cores, in turn.

    make build && /usr/bin/python3 bench/python/metrics.py [--rows 2000] [--repeat 5] [--venn bin/venn]
    /usr/bin/python3 bench/python/metrics.py --memory        # n = 20000: time and peak memory of Venn alone

Venn's time is that of the whole program: start, reading the files, the measure and printing. Python's is that of the
function alone, imports and reading left out. Each line is the median of the repeats, which alternate.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
from scipy.spatial.distance import pdist, squareform
from scipy.special import logsumexp

B = 499


def gaussian(x):
    d2 = squareform(pdist(x, "sqeuclidean"))
    width = np.median(np.sqrt(d2[np.triu_indices(len(x), 1)]))
    return np.exp(-d2 / (2 * width * width))


def permutation_test(k, l, rng):
    """Biased statistic of a centred and a plain matrix, and its permutation p-value."""
    n = len(k)
    kc = k - k.mean(0) - k.mean(1)[:, None] + k.mean()
    observed = np.vdot(kc, l) / n**2
    above = 0
    for _ in range(B):
        p = rng.permutation(n)
        above += np.vdot(kc, l[np.ix_(p, p)]) / n**2 >= observed
    return observed, (1 + above) / (1 + B)


def hsic(x, y):
    return permutation_test(gaussian(x), gaussian(y), np.random.default_rng(0))


def dcor(x, y):
    a, b = squareform(pdist(x)), squareform(pdist(y))
    return permutation_test(a, b, np.random.default_rng(0))


def mmd(x, y, batched):
    k = gaussian(np.r_[x, y])
    m, n = len(x), len(y)
    rng = np.random.default_rng(0)
    sums, total = k.sum(0), k.sum()
    choose = [np.arange(m)] + [rng.permutation(m + n)[:m] for _ in range(B)]
    values = []
    if batched:  # all permutations as one matrix product
        e = np.zeros((B + 1, m + n))
        for row, c in zip(e, choose):
            row[c] = 1
        aa, margin = np.einsum("ij,ij->i", e @ k, e), e @ sums
    else:  # one matrix-vector product a permutation
        aa, margin = np.empty(B + 1), np.empty(B + 1)
        for b, c in enumerate(choose):
            e = np.zeros(m + n)
            e[c] = 1
            aa[b], margin[b] = e @ (k @ e), e @ sums
    ab = margin - aa
    values = aa / m**2 + (total - 2 * margin + aa) / n**2 - 2 * ab / (m * n)
    return values[0], (1 + (values[1:] >= values[0]).sum()) / (1 + B)


def ksg(x, y):
    from sklearn.feature_selection import mutual_info_regression

    return mutual_info_regression(x, y[:, 0], n_neighbors=3, random_state=0)[0], None


def transport(c, eps, tolerance):
    """Entropic transport in the log domain with uniform weights, to the tolerance of Venn."""
    m, n = c.shape
    f, g = np.zeros(m), np.zeros(n)
    for _ in range(1000):
        f2 = -eps * (logsumexp((g[None, :] - c) / eps, axis=1) - np.log(n))
        g2 = -eps * (logsumexp((f2[:, None] - c) / eps, axis=0) - np.log(m))
        change = max(np.abs(f2 - f).max(), np.abs(g2 - g).max())
        f, g = f2, g2
        if change <= tolerance:
            break
    return f.mean() + g.mean()


def own_transport(c, eps, tolerance):
    """The same of a sample with itself, by averaging old and new."""
    n = len(c)
    f = np.zeros(n)
    for _ in range(1000):
        f2 = (f - eps * (logsumexp((f[None, :] - c) / eps, axis=1) - np.log(n))) / 2
        change = np.abs(f2 - f).max()
        f = f2
        if change <= tolerance:
            break
    return 2 * f.mean()


def sinkhorn(x, y):
    d2 = squareform(pdist(np.r_[x, y], "sqeuclidean"))
    m = len(x)
    eps = 0.05 * np.median(np.sqrt(d2[np.triu_indices(len(d2), 1)])) ** 2
    ab, aa, bb = d2[:m, m:], d2[:m, :m], d2[m:, m:]
    value = transport(ab, eps, 1e-9 * ab.max()) - (own_transport(aa, eps, 1e-9 * aa.max()) + own_transport(bb, eps, 1e-9 * bb.max())) / 2
    return value, None


def venn(program, kind, x, y, tests, permutations, threads=0):
    start = time.perf_counter()
    done = subprocess.run(
        [program, "measure", kind, x, y, "--tests", tests, "--permutations", str(permutations), "--json", "--threads", str(threads)],
        capture_output=True, text=True)
    elapsed = time.perf_counter() - start
    if done.returncode:
        sys.exit(done.stderr)
    result = json.loads(done.stdout)["results"][0]
    return elapsed, result["value"], result.get("p"), result.get("method")


def save(folder, name, x):
    path = os.path.join(folder, name + ".npy")
    np.save(path, x)
    return path


def speed(args, folder):
    rng = np.random.default_rng(1)
    n = args.rows
    x = rng.normal(size=(n, 64))
    y = 0.1 * x + rng.normal(size=(n, 64))
    z = rng.normal(size=(n, 64)) + 0.02
    u = rng.normal(size=(5 * n, 1))
    v = 0.8 * u + 0.6 * rng.normal(size=(5 * n, 1))
    s, t = rng.normal(size=(n // 2, 16)), rng.normal(size=(n // 2, 16)) + 0.5
    files = {name: save(folder, name, a) for name, a in dict(x=x, y=y, z=z, u=u, v=v, s=s, t=t).items()}
    cases = [
        (f"HSIC, {B} permutations, n = {n}, 64 columns", "independence", "hsic", "x", "y", B, lambda: hsic(x, y), 5),
        (f"dCor, {B} permutations, n = {n}, 64 columns", "independence", "dcor", "x", "y", B, lambda: dcor(x, y), 5),
        (f"MMD, {B} permutations, n = {n} a sample, loop of products", "discrepancy", "mmd2", "x", "z", B, lambda: mmd(x, z, False), 5),
        (f"MMD, the same as one matrix product", "discrepancy", "mmd2", "x", "z", B, lambda: mmd(x, z, True), 5),
        (f"KSG, n = {5 * n}, two columns", "independence", "ksg", "u", "v", 0, lambda: ksg(u, v), 2),
        (f"Sinkhorn divergence, n = {n // 2} a sample, 16 columns", "discrepancy", "sinkhorn", "s", "t", 0, lambda: sinkhorn(s, t), 2),
    ]
    print(f"{'':58}{'Python s':>10}{'Venn s':>10}{'ratio':>8}{'want':>7}   values")
    for title, kind, tests, a, b, permutations, python, want in cases:
        ours, theirs = [], []
        for _ in range(args.repeat):
            start = time.perf_counter()
            reference, p = python()
            theirs.append(time.perf_counter() - start)
            elapsed, value, own_p, _ = venn(args.venn, kind, files[a], files[b], tests, permutations)
            ours.append(elapsed)
        if tests == "dcor":  # Python's is the squared covariance
            reference = float("nan")
        fast, slow = statistics.median(ours), statistics.median(theirs)
        print(f"{title:58}{slow:10.3f}{fast:10.3f}{slow / fast:8.1f}{want:7}   {value:.5g} ({reference:.5g})  p {own_p} ({p})", flush=True)


def memory(args, folder):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(20000, 64))
    y = 0.05 * x + rng.normal(size=(20000, 64))
    a, b = save(folder, "x", x), save(folder, "y", y)
    print(f"{'n = 20000, 64 columns':34}{'seconds':>10}{'peak MiB':>10}   p, method")
    for kind, tests, permutations in (
        ("independence", "hsic", 0), ("independence", "hsic-moments", 0), ("independence", "hsic-gamma", 0), ("independence", "hsic-fourier", 99),
        ("independence", "dcor-u-t", 0), ("independence", "dcor-u-chi2", 0), ("independence", "cka-linear-debiased", 0),
        ("discrepancy", "mmd2", 0), ("discrepancy", "mmd2", 199), ("discrepancy", "energy-coefficient", 0)):
        # A process of its own measures the child alone.
        probe = subprocess.run([sys.executable, __file__, "--venn", args.venn, "--child", json.dumps([kind, a, b, tests, permutations])], capture_output=True, text=True)
        if probe.returncode:
            sys.exit(probe.stderr)
        elapsed, p, method, peak = json.loads(probe.stdout)
        print(f"{tests + (f', {permutations} permutations' if permutations else ''):34}{elapsed:10.1f}{peak:10.0f}   {p}, {method}", flush=True)


def child(args):
    kind, a, b, tests, permutations = json.loads(args.child)
    elapsed, _, p, method = venn(args.venn, kind, a, b, tests, permutations)
    print(json.dumps([elapsed, p, method, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024]))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--venn", default="bin/venn")
    p.add_argument("--rows", type=int, default=2000)
    p.add_argument("--repeat", type=int, default=5)
    p.add_argument("--memory", action="store_true")
    p.add_argument("--child", help=argparse.SUPPRESS)
    args = p.parse_args()
    if args.child:
        return child(args)
    with tempfile.TemporaryDirectory() as folder:
        (memory if args.memory else speed)(args, folder)


if __name__ == "__main__":
    main()
