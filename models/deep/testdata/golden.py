#!/usr/bin/env python3
"""Writes golden.json beside itself: two training steps of every recipe on the p-small
network at 16 pixels, computed by PyTorch (1.13) in float64. Run: python3 golden.py

Written from the specification of the methods. Parameters and images are not kept: fill()
makes them from names, here and in the test.
"""
import math
import os
import sys

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../internal/golden"))
from golden import fill, sampled, write  # noqa: E402

BATCH, CLASSES, SIDE, STEPS, ITERATIONS, UNITS = 6, 3, 16, 2, 10, 40


def layer(name, *shape):
    fan = 1
    for s in shape[1:]:
        fan *= s
    bound = fan ** -0.5
    return {name + "/weight": torch.nn.Parameter(fill(name + "/weight", shape, -bound, bound)),
            name + "/bias": torch.nn.Parameter(fill(name + "/bias", shape[:1], -bound, bound))}


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        return -ctx.factor * grad, None


def encode(p, x):
    x = F.max_pool2d(F.relu(F.conv2d(x, p["encoder/conv1/weight"], p["encoder/conv1/bias"])), 2)
    x = F.max_pool2d(F.relu(F.conv2d(x, p["encoder/conv4/weight"], p["encoder/conv4/bias"])), 2)
    return F.relu(F.linear(x.flatten(1), p["encoder/fc8/weight"], p["encoder/fc8/bias"]))


def classify(p, f):
    return F.linear(f, p["classifier/fc1/weight"], p["classifier/fc1/bias"])


def discriminate(p, f):
    f = F.relu(F.linear(f, p["discriminator/fc1/weight"], p["discriminator/fc1/bias"]))
    f = F.relu(F.linear(f, p["discriminator/fc3/weight"], p["discriminator/fc3/bias"]))
    return F.linear(f, p["discriminator/fc5/weight"], p["discriminator/fc5/bias"])


def dann(p, s, t, z, progress):
    """Domain loss over both domains, source 1; the encoder sees it reversed."""
    factor = 0.7 * (2 / (1 + math.exp(-10 * progress)) - 1)
    u = discriminate(p, Reverse.apply(torch.cat([s, t]), factor))
    y = torch.cat([torch.ones(len(s), 1), torch.zeros(len(t), 1)]).double()
    loss = F.binary_cross_entropy_with_logits(u, y)
    half = lambda v, label: F.binary_cross_entropy_with_logits(v, torch.full_like(v, label))
    return loss, {"domain/source": half(u[:len(s)], 1.0), "domain/target": half(u[len(s):], 0.0),
                  "discriminator-hits/source": (u[:len(s)] > 0).double().mean(), "discriminator-hits/target": (u[len(s):] <= 0).double().mean()}


RECIPES = {"source-only": (None, []), "dann": (dann, [("discriminator/fc1", UNITS, 128), ("discriminator/fc3", UNITS, UNITS), ("discriminator/fc5", 1, UNITS)])}


def train(own, parts):
    p = {}
    for l in [("encoder/conv1", 16, 1, 5, 5), ("encoder/conv4", 32, 16, 5, 5), ("encoder/fc8", 128, 32), ("classifier/fc1", CLASSES, 128)] + parts:
        p.update(layer(*l))
    adam = torch.optim.Adam(p.values(), lr=1e-3, betas=(0.9, 0.999))
    out = {"losses": {}}
    for step in range(STEPS):
        s, t = (fill(f"{d}/{step}", (BATCH, 1, SIDE, SIDE), -1, 1) for d in ("source", "target"))
        labels = torch.tensor([(i + step) % CLASSES for i in range(BATCH)])
        progress = (step + 5) / ITERATIONS
        for group in adam.param_groups:  # linearly to a tenth over the last half
            group["lr"] = 1e-3 * min(1, 1 - 0.9 * (progress - 0.5) / 0.5)
        fs, ft = encode(p, s), encode(p, t)
        z = classify(p, fs)
        loss = F.cross_entropy(z, labels)
        values = {"classification": loss}
        if own:
            more, named = own(p, fs, ft, z, progress)
            loss = loss + more
            values.update(named)
        adam.zero_grad()
        loss.backward()
        if step == 0:
            out["features"], out["logits"] = {"source": fs, "target": ft}, {"source": z}
            out["gradients"] = {k: v.grad.clone() for k, v in p.items()}
        values["gradient-norm"] = torch.nn.utils.clip_grad_norm_(list(p.values()), 0.5)
        adam.step()
        out["losses"].update({f"{k}/{step}": float(v) for k, v in values.items()})
    out["after"] = p
    return {k: ({n: sampled(t) if torch.is_tensor(t) else t for n, t in v.items()} if isinstance(v, dict) else v) for k, v in out.items()}


out = {"about": "training steps by PyTorch " + torch.__version__ + " in float64, made by golden.py"}
for name, (own, parts) in RECIPES.items():
    out[name] = train(own, parts)
write(os.path.join(HERE, "golden.json"), out, lambda t: t)
