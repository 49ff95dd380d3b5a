#!/usr/bin/env python3
"""Times a training step of Press et al., of mask-based content transfer or of Fader Networks in PyTorch.

    python3 transfer.py --method press --side 32 --batch 16 --threads 2

Networks and steps are written from the specification, as the published programs run them: in the
first two every network sees one group of images after the other, codes are computed anew, with
gradients into the encoder, for the discriminator, and a step is one for either domain; Fader
Networks see both domains in one batch. Prints one line of JSON as deep.py does.
"""
import argparse
import json
import resource
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

p = argparse.ArgumentParser()
p.add_argument("--method", choices=["press", "masked", "fader"], default="press")
for name, default in [("side", 32), ("channels", 3), ("base", 32), ("batch", 16), ("threads", 2), ("steps", 8)]:
    p.add_argument("--" + name, type=int, default=default)
o = p.parse_args()
torch.set_num_threads(o.threads)
torch.manual_seed(0)
n = o.side.bit_length() - 2
width, separate = o.base << (n - 2), 25 * o.side // 128


def encoder(outs, norm):
    layers, inp = [], o.channels
    for i, out in enumerate(outs):
        layers.append(nn.Conv2d(inp, out, 4, 2, 1))
        if norm is nn.InstanceNorm2d or o.method != "fader" or i:
            layers.append(norm(out))
        layers.append(nn.LeakyReLU(0.2, inplace=True))
        inp = out
    return nn.Sequential(*layers)


def decoder(norm, active, last, *final):
    layers, inp = [], width
    for i in range(n - 1):
        layers += [nn.ConvTranspose2d(inp, width >> i, 4, 2, 1), norm(width >> i), active()]
        inp = width >> i
    return nn.Sequential(*layers, nn.ConvTranspose2d(inp, last, 4, 2, 1), *final)


def leaky():
    return nn.LeakyReLU(0.2, inplace=True)


def adam(*nets):
    return torch.optim.Adam([q for net in nets for q in net.parameters()], lr=2e-4, betas=(0.5, 0.999))


def update(opt, loss, clip=5):
    opt.zero_grad()
    loss.backward()
    if clip:
        nn.utils.clip_grad_norm_([q for g in opt.param_groups for q in g["params"]], clip)
    opt.step()
    return float(loss)


def bce(logits, label):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


class OneSided:
    """Press, or with masks: for the content that one set has."""

    def __init__(self):
        norm = nn.InstanceNorm2d if o.method == "press" else nn.BatchNorm2d
        self.common = encoder([o.base << i for i in range(n - 2)] + [width - separate] * 2, norm)
        self.own = encoder([min(o.base << i, 4 * o.base) for i in range(n - 1)] + [separate], norm)
        self.judge = nn.Sequential(nn.Linear(4 * (width - separate), width), leaky(), nn.Linear(width, 1))
        if o.method == "press":
            self.plain = decoder(norm, lambda: nn.ReLU(inplace=True), o.channels, nn.Tanh())
            self.opt = adam(self.common, self.own, self.plain)
        else:
            self.plain, self.painter = decoder(norm, leaky, o.channels, nn.Tanh()), decoder(norm, leaky, o.channels + 1)
            self.opt = adam(self.common, self.own, self.plain, self.painter)
        self.of_judge = adam(self.judge)

    def paint(self, code, base):
        y = self.painter(code)
        m, image = torch.sigmoid(y[:, :1]), torch.tanh(y[:, 1:])
        return m * image + (1 - m) * base

    def step(self, a, b):
        ca, cb, own = self.common(a), self.common(b), self.own(a)
        zero = torch.zeros_like(own)
        full, bare_a, bare_b = torch.cat([ca, own], 1), torch.cat([ca, zero], 1), torch.cat([cb, zero], 1)
        confusion = bce(self.judge(ca.flatten(1)), 0.0) + bce(self.judge(cb.flatten(1)), 0.0)
        if o.method == "press":
            loss = F.mse_loss(self.plain(full), a) + F.mse_loss(self.plain(bare_b), b) + 0.001 * confusion
        else:
            loss = 7 * F.l1_loss(self.paint(full, self.plain(bare_a)), a) + 5 * F.l1_loss(self.plain(bare_b), b)
            loss = loss + 0.7 * F.l1_loss(self.paint(full, a), a) + 0.7 * F.l1_loss(self.paint(bare_b, b), b)
            z = self.paint(torch.cat([cb, own], 1), b)
            self.common(z)
            loss = loss + 0.001 * F.mse_loss(self.own(z), own) + 0.005 * confusion
        update(self.opt, loss)
        update(self.of_judge, bce(self.judge(self.common(a).flatten(1)), 1.0) + bce(self.judge(self.common(b).flatten(1)), 0.0), None)


class Fader:
    def __init__(self):
        widths = [min(o.base << i, 512) for i in range(n + 1)]
        self.encoder = encoder(widths[:n], nn.BatchNorm2d)
        self.stages = nn.ModuleList()
        for i in range(n - 1, -1, -1):
            out = widths[i - 1] if i else o.channels
            norm = [nn.BatchNorm2d(out), nn.ReLU(inplace=True)] if i else [nn.Tanh()]
            self.stages.append(nn.Sequential(nn.ConvTranspose2d(widths[i] + 2, out, 4, 2, 1, bias=False), *norm))
        self.judge = nn.Sequential(nn.Conv2d(widths[n - 1], widths[n], 4, 2, 1), nn.BatchNorm2d(widths[n]), leaky(), nn.Dropout(0.3),
                                   nn.Flatten(), nn.Linear(widths[n], 512), leaky(), nn.Linear(512, 2))
        self.opt, self.of_judge = adam(self.encoder, self.stages), adam(self.judge)

    def step(self, a, b):
        x = torch.cat([a, b])
        classes = (torch.arange(len(x)) >= len(a)).long()
        label = F.one_hot(classes, 2).float()[:, :, None, None]
        self.encoder.eval()
        self.judge.train()
        with torch.no_grad():
            code = self.encoder(x)
        update(self.of_judge, F.cross_entropy(self.judge(code), classes))
        self.encoder.train()
        self.judge.eval()
        code = y = self.encoder(x)
        for stage in self.stages:
            y = stage(torch.cat([y, label.expand(-1, -1, *y.shape[2:])], 1))
        update(self.opt, F.mse_loss(y, x) + 1e-4 * F.cross_entropy(self.judge(code), 1 - classes))


systems = [Fader()] if o.method == "fader" else [OneSided(), OneSided()]
a, b = (torch.rand(o.batch, o.channels, o.side, o.side) * 2 - 1 for _ in range(2))
times = []
for _ in range(o.steps + 1):
    start = time.time()
    systems[0].step(a, b)
    if len(systems) > 1:
        systems[1].step(b, a)
    times.append(time.time() - start)
times = times[1:]
print(json.dumps({"torch": torch.__version__, "threads": o.threads, "seconds": min(times), "median": statistics.median(times),
                  "images_per_second": 2 * o.batch / statistics.median(times), "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
