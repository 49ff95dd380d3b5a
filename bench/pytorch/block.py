#!/usr/bin/env python3
"""Times a residual block, forward and backward, in PyTorch.

    python3 block.py --side 64 --channels 64 --images 16 --threads 2

Two convolutions of 3 x 3 that keep size and channels, each with instance normalisation, a
relu between them, the input added; gradients by both weights and by the input of the mean
absolute value. Prints one line of JSON as step.py does.
"""
import argparse
import json
import resource
import statistics
import time

import torch
import torch.nn as nn

p = argparse.ArgumentParser()
for name, default in [("side", 64), ("channels", 64), ("images", 16), ("threads", 2), ("steps", 8)]:
    p.add_argument("--" + name, type=int, default=default)
o = p.parse_args()
torch.set_num_threads(o.threads)
torch.manual_seed(0)
block = nn.Sequential(nn.Conv2d(o.channels, o.channels, 3, padding=1), nn.InstanceNorm2d(o.channels), nn.ReLU(inplace=True),
                      nn.Conv2d(o.channels, o.channels, 3, padding=1), nn.InstanceNorm2d(o.channels))
x = (torch.rand(o.images, o.channels, o.side, o.side) * 2 - 1).requires_grad_()
times = []
for _ in range(o.steps + 1):
    start = time.time()
    block.zero_grad()
    x.grad = None
    loss = (x + block(x)).abs().mean()
    loss.backward()
    float(loss)
    times.append(time.time() - start)
times = times[1:]
print(json.dumps({"torch": torch.__version__, "threads": o.threads, "seconds": min(times), "median": statistics.median(times),
                  "images_per_second": o.images / statistics.median(times), "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
