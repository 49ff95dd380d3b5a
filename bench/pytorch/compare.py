#!/usr/bin/env python3
"""Runs Venn and PyTorch in turn on the same cores and prints the ratios.

    make build && python3 bench/pytorch/compare.py [--rounds 3] [--threads 2] [--only digits]

For each network and each round: Venn's step, then PyTorch's step on one thread and
on all; the better of the two is PyTorch's figure, since its transposed convolutions
may be slower on two threads than on one. Medians over rounds. Needs PyTorch (Debian's
python3-torch 1.13 was used for the figures in the README).
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VENN = os.path.join(HERE, "..", "..", "bin", "venn")
NETWORKS = [  # title, what venn benches, the script and its arguments
    ("reference, 128 pixels, batch 32", [], ["step.py", "--side", "128", "--channels", "3", "--separate", "25", "--batch", "32", "--steps", "3"]),
    ("mnist-usps-quick, 32 pixels, batch 64", ["mnist-usps-quick"], ["step.py", "--side", "32", "--channels", "1", "--separate", "8", "--batch", "64", "--steps", "12"]),
] + [
    (method + " on L20/50, 28 pixels, batch 64", ["mnist-usps-quick", "model.method=" + method, "image.size=28", "domains.b.fit=stretch"], ["deep.py", "--method", method])
    for method in ("dann", "deep-coral", "dan")
] + [
    (method + ", 32 pixels, batch 16", ["quickstart", "model.method=" + method, "model.base=32"] + separate, ["transfer.py", "--method", method])
    for method, separate in (("press", ["model.separate=0"]), ("masked", ["model.separate=0"]), ("fader", []))
] + [
    (method + ", 32 pixels, rounds of 16 images an update", ["quickstart", "model.method=" + method, "model.base=32", "model.train.batch=" + batch], ["labels.py", "--method", method, "--batch", batch])
    for method, batch in (("attgan", "48"), ("stargan", "40"), ("stgan", "48"))
] + [
    ("icgan, 32 pixels, batch 32, the encoders' phase", ["quickstart", "model.method=icgan", "model.base=32", "model.train.batch=32"], ["labels.py", "--method", "icgan-encoders"])
] + [
    (method + ", 32 pixels, batch 16", ["mnist-usps-quick", "model.method=" + method, "model.train.batch=16"], script + ["--channels", "1"])
    for method, script in (("munit", ["munit.py"]), ("drit", ["drit.py"]), ("drit++", ["drit.py", "--seeking"]))
]
KINDS = ["reference", "digits", "dann", "deep-coral", "dan", "press", "masked", "fader", "attgan", "stargan", "stgan", "icgan", "munit", "drit", "drit++"]
BLOCKS = [["block.py", "--side", "32", "--channels", "128", "--images", "16"], ["block.py", "--side", "64", "--channels", "64", "--images", "16"]]

p = argparse.ArgumentParser()
p.add_argument("--rounds", type=int, default=3)
p.add_argument("--threads", type=int, default=os.cpu_count())
p.add_argument("--span", default="300ms", help="time that venn bench spends on each figure")
p.add_argument("--only", choices=KINDS + ["blocks"], help="one of the networks, or the residual blocks")
o = p.parse_args()


def run(*args, **environment):
    out = subprocess.run(args, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}).stdout
    return json.loads(out)


def pytorch(args, threads):
    # torch.set_num_threads does not reach OpenBLAS, which has threads of its own.
    blas = str(threads)
    return run(sys.executable, os.path.join(HERE, args[0]), *args[1:], "--threads", str(threads), OPENBLAS_NUM_THREADS=blas, OMP_NUM_THREADS=blas)


def venn(args, threads):
    return run(VENN, "bench", *args, "--threads", str(threads), "--span", o.span, "--json")


median = lambda values: statistics.median(values)
for kind, (title, spec, args) in zip(KINDS, NETWORKS):
    if o.only and o.only != kind:
        continue
    ours, one, many = [], [], []
    for _ in range(o.rounds):
        ours.append(venn(spec, o.threads))
        one.append(pytorch(args, 1))
        many.append(pytorch(args, o.threads))
    images = median([r["step"]["images_per_second"] for r in ours])
    theirs = {t: median([r["images_per_second"] for r in runs]) for t, runs in ((1, one), (o.threads, many))}
    threads = max(theirs, key=theirs.get)
    print(f"{title} ({ours[0]['processor']}, {ours[0]['kernels']}, torch {one[0]['torch']})")
    print(f"  step: venn {images:.1f} images/s, PyTorch {theirs[1]:.1f} on 1 thread, {theirs[o.threads]:.1f} on {o.threads}: ratio {images / theirs[threads]:.2f}")
    memory = median([r["step"]["peak_bytes"] / 2**20 for r in ours])
    print(f"  peak memory: venn {memory:.0f} MiB, PyTorch {median([r['peak_mib'] for r in many]):.0f} MiB: ratio {memory / median([r['peak_mib'] for r in many]):.2f}")
    if spec:
        continue
    for t, runs in ((1, one), (o.threads, many)):
        for size in (512, 1024):
            rate = median([q["rate"] / 1e9 for r in ours for q in r["product"] if (q["threads"], q["size"]) == (t, size)])
            other = median([r["gemm_gflops"][str(size)] for r in runs])
            print(f"  product of {size} on {t} threads: venn {rate:.0f}, PyTorch {other:.0f} GFLOP/s: ratio {rate / other:.2f}")
    product = median([q["rate"] for r in ours for q in r["product"] if (q["threads"], q["size"]) == (o.threads, 1024)])
    for i, layer in enumerate(ours[0]["layers"]):
        shares = [median([r["layers"][i][k] for r in ours]) / product for k in ("forward", "input_gradient", "weight_gradient")]
        print(f"  {layer['layer']:18} {layer['shape']:20} of the product's rate: " + "  ".join("   -" if s == 0 else f"{s:.2f}" for s in shares))
if o.only in (None, "blocks"):
    runs = [(venn(["digits-deep"], o.threads), [[pytorch(args, t) for t in (1, o.threads)] for args in BLOCKS]) for _ in range(o.rounds)]
    print(f"residual block of 3 x 3, forward and backward ({runs[0][0]['processor']}, {runs[0][0]['kernels']}, torch {runs[0][1][0][0]['torch']})")
    product = median([q["rate"] for r, _ in runs for q in r["product"] if (q["threads"], q["size"]) == (o.threads, 1024)])
    for i, block in enumerate(runs[0][0]["blocks"]):
        images = median([r["blocks"][i]["images_per_second"] for r, _ in runs])
        one, many = (median([t[i][k]["images_per_second"] for _, t in runs]) for k in range(2))
        shares = [median([r["blocks"][i]["layer"][k] for r, _ in runs]) / product for k in ("forward", "input_gradient", "weight_gradient")]
        print(f"  {block['side']} pixels, {block['channels']} channels, batch {block['images']}: venn {images:.1f} images/s, PyTorch {one:.1f} on 1 thread, {many:.1f} on {o.threads}: ratio {images / max(one, many):.2f};"
              f" its convolution, of the product's rate: " + "  ".join(f"{s:.2f}" for s in shares))
