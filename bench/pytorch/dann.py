#!/usr/bin/env python3
"""Times a DANN training step on the L20/50 network in PyTorch.

    python3 dann.py --side 28 --channels 1 --batch 64 --threads 2

Both domains go through the encoder as one batch, the classifier through the source's half,
the discriminator (500, 500, 1) through all; one backward pass, one Adam step. Prints one
line of JSON: the best and the median seconds of a step, images/s of the median, and the
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


p = argparse.ArgumentParser()
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
adam = torch.optim.Adam([q for net in (encoder, classifier, discriminator) for q in net.parameters()], lr=1e-3)
x = torch.rand(2 * o.batch, o.channels, o.side, o.side) * 2 - 1
y = torch.arange(o.batch) % 10
domain = torch.cat([torch.ones(o.batch, 1), torch.zeros(o.batch, 1)])
times = []
for _ in range(o.steps + 1):
    start = time.time()
    f = encoder(x)
    loss = F.cross_entropy(classifier(f[:o.batch]), y) + F.binary_cross_entropy_with_logits(discriminator(Reverse.apply(f, 0.5)), domain)
    adam.zero_grad()
    loss.backward()
    adam.step()
    float(loss)
    times.append(time.time() - start)
times = times[1:]
print(json.dumps({"torch": torch.__version__, "threads": o.threads, "seconds": min(times), "median": statistics.median(times),
                  "images_per_second": 2 * o.batch / statistics.median(times), "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
