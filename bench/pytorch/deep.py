#!/usr/bin/env python3
"""Times a training step of an adaptation method on the L20/50 network in PyTorch.

    python3 deep.py --method dann --side 28 --channels 1 --batch 64 --threads 2

Both domains go through the encoder as one batch, the classifier through the source's half;
then, on the features of all, a discriminator (500, 500, 1) behind a gradient reversal, the
difference of covariances, or the maximum mean discrepancy under five Gaussian kernels; one
backward pass, one Adam step. Prints one line of JSON: the best and the median seconds of a step, images/s of the median, and the
peak memory of the process.
"""
import argparse
import json
import resource
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad):
        return -ctx.factor * grad, None


def covariance(f):
    f = f - f.mean(0)
    return f.T @ f / (len(f) - 1)


def discrepancy(f, n):
    d = (f.unsqueeze(0) - f.unsqueeze(1)).pow(2).sum(2) if o.pairs else torch.cdist(f, f).pow(2)
    k = sum(torch.exp(-d / (2 * 2.0 ** m * d.detach().mean())) for m in range(-3, 2))
    within = lambda k: (k.sum() - k.trace()) / (len(k) * (len(k) - 1))
    return within(k[:n, :n]) + within(k[n:, n:]) - 2 * k[:n, n:].mean()


p = argparse.ArgumentParser()
p.add_argument("--method", choices=["dann", "deep-coral", "dan"], default="dann")
p.add_argument("--pairs", action="store_true", help="dan: squared differences of all pairs, as published programs do, not cdist")
for name, default in [("side", 28), ("channels", 1), ("batch", 64), ("threads", 2), ("steps", 40)]:
    p.add_argument("--" + name, type=int, default=default)
o = p.parse_args()
torch.set_num_threads(o.threads)
torch.manual_seed(0)
flat = 50 * (((o.side - 4) // 2 - 4) // 2) ** 2
encoder = nn.Sequential(nn.Conv2d(o.channels, 20, 5), nn.MaxPool2d(2), nn.ReLU(inplace=True), nn.Conv2d(20, 50, 5), nn.MaxPool2d(2), nn.ReLU(inplace=True),
                        nn.Flatten(), nn.Linear(flat, 500), nn.ReLU(inplace=True))
classifier = nn.Linear(500, 10)
discriminator = nn.Sequential(nn.Linear(500, 500), nn.ReLU(inplace=True), nn.Linear(500, 500), nn.ReLU(inplace=True), nn.Linear(500, 1))
nets = (encoder, classifier, discriminator) if o.method == "dann" else (encoder, classifier)
adam = torch.optim.Adam([q for net in nets for q in net.parameters()], lr=1e-3)
x = torch.rand(2 * o.batch, o.channels, o.side, o.side) * 2 - 1
y = torch.arange(o.batch) % 10
domain = torch.cat([torch.ones(o.batch, 1), torch.zeros(o.batch, 1)])
times = []
for _ in range(o.steps + 1):
    start = time.time()
    f = encoder(x)
    loss = F.cross_entropy(classifier(f[:o.batch]), y)
    if o.method == "dann":
        loss = loss + F.binary_cross_entropy_with_logits(discriminator(Reverse.apply(f, 0.5)), domain)
    elif o.method == "deep-coral":
        loss = loss + 0.1 * (covariance(f[:o.batch]) - covariance(f[o.batch:])).pow(2).sum()
    else:
        loss = loss + discrepancy(f, o.batch)
    adam.zero_grad()
    loss.backward()
    adam.step()
    float(loss)
    times.append(time.time() - start)
times = times[1:]
print(json.dumps({"torch": torch.__version__, "threads": o.threads, "seconds": min(times), "median": statistics.median(times),
                  "images_per_second": 2 * o.batch / statistics.median(times), "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
