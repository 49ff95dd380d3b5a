#!/usr/bin/env python3
"""Times the reference's DIDD training step, and a matrix product, in PyTorch.

    python3 step.py --side 128 --channels 3 --separate 25 --batch 32 --threads 2

The networks and the step are written from the specification, as the reference code
runs them: every encoder sees the two domains one after the other, and the common
codes are computed anew, with gradients into the encoder, for the discriminator.
Prints one line of JSON: the best and the median seconds of a step, images/s of the
median, GFLOP/s of products of 512 and 1024, and the peak memory of the process.
"""
import argparse
import json
import resource
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


class Spectral(nn.Module):
    """A convolution whose weight is divided by uᵀWv, W with its first dimension as rows."""

    def __init__(self, conv):
        super().__init__()
        self.conv = conv
        w = conv.weight.data
        self.u = F.normalize(torch.randn(w.shape[0]), dim=0)
        self.v = F.normalize(torch.randn(w[0].numel()), dim=0)
        self.w = nn.Parameter(w.clone())
        del conv._parameters["weight"]

    def forward(self, x):
        m = self.w.view(self.w.shape[0], -1)
        with torch.no_grad():
            v = m.t() @ self.u
            self.v = v / (v.norm() + 1e-12)
            u = m @ self.v
            self.u = u / (u.norm() + 1e-12)
        self.conv.weight = self.w / (self.u @ (m @ self.v))
        return self.conv(x)


def network(inp, outs, transposed=False, last_norm=False, skip=None):
    layers = []
    for i, out in enumerate(outs):
        final = i == len(outs) - 1
        conv = (nn.ConvTranspose2d if transposed else nn.Conv2d)(inp, out, 4, 2, 1)
        if transposed and final:
            layers += [conv, nn.Tanh()]
            break
        layers.append(Spectral(conv))
        if (last_norm or transposed or not final) and i != skip:
            layers.append(nn.InstanceNorm2d(out))
        layers.append(nn.ReLU(inplace=True) if transposed else nn.LeakyReLU(0.2, inplace=True))
        inp = out
    return nn.Sequential(*layers)


def build(side, channels, separate, base):
    n = side.bit_length() - 2
    width = base << (n - 2)
    ramp = [base << i for i in range(n - 1)]
    common = network(channels, ramp[: n - 2] + [width - separate, width - 2 * separate], skip=1)
    sep = [network(channels, ramp + [separate]) for _ in range(2)]
    decoder = network(width, [width >> i for i in range(n - 1)] + [channels], transposed=True)
    disc = nn.Sequential(nn.Linear(4 * (width - 2 * separate), width), nn.LeakyReLU(0.2), nn.Linear(width, 1))
    return common, sep, decoder, disc


def step(nets, opts, a, b):
    common, (sep_a, sep_b), decoder, disc = nets
    auto, adversary = opts
    bce = lambda logits, label: F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))
    ca, cb = common(a), common(b)
    own_a, own_b, foreign_a, foreign_b = sep_a(a), sep_b(b), sep_b(a), sep_a(b)
    zero = torch.zeros_like(own_a)
    out_a, out_b = decoder(torch.cat([ca, own_a, zero], 1)), decoder(torch.cat([cb, zero, own_b], 1))
    loss = F.l1_loss(out_a, a) + F.l1_loss(out_b, b) + foreign_a.abs().mean() + foreign_b.abs().mean()
    loss = loss + 0.001 * (bce(disc(ca.flatten(1)), 0.0) + bce(disc(cb.flatten(1)), 0.0))
    auto.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_([p for group in auto.param_groups for p in group["params"]], 5)
    auto.step()
    adversary.zero_grad()
    d = bce(disc(common(a).flatten(1)), 1.0) + bce(disc(common(b).flatten(1)), 0.0)
    d.backward()
    adversary.step()
    return float(loss), float(d)


def product(n, seconds=1.0):
    a, b = torch.randn(n, n), torch.randn(n, n)
    c = torch.empty(n, n)
    torch.mm(a, b, out=c)
    best, end = 1e9, time.time() + seconds
    while time.time() < end:
        start = time.time()
        for _ in range(4):
            torch.mm(a, b, out=c)
        best = min(best, (time.time() - start) / 4)
    return 2 * n**3 / best / 1e9


p = argparse.ArgumentParser()
for name, default in [("side", 128), ("channels", 3), ("separate", 25), ("base", 32), ("batch", 32), ("threads", 2), ("steps", 5)]:
    p.add_argument("--" + name, type=int, default=default)
o = p.parse_args()
torch.set_num_threads(o.threads)
torch.manual_seed(0)
products = {n: product(n) for n in (512, 1024)}
nets = build(o.side, o.channels, o.separate, o.base)
common, sep, decoder, disc = nets
params = [q for net in (common, *sep, decoder) for q in net.parameters()]
opts = torch.optim.Adam(params, lr=2e-4, betas=(0.5, 0.999)), torch.optim.Adam(disc.parameters(), lr=2e-4, betas=(0.5, 0.999))
a, b = (torch.rand(o.batch, o.channels, o.side, o.side) * 2 - 1 for _ in range(2))
times = []
for _ in range(o.steps + 1):
    start = time.time()
    step(nets, opts, a, b)
    times.append(time.time() - start)
times = times[1:]
median = statistics.median(times)
print(json.dumps({
    "torch": torch.__version__, "threads": o.threads, "parameters": sum(q.numel() for q in params) + sum(q.numel() for q in disc.parameters()),
    "step_seconds": median, "best_step_seconds": min(times), "images_per_second": 2 * o.batch / median,
    "gemm_gflops": {str(n): round(r, 1) for n, r in products.items()},
    "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
