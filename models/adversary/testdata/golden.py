#!/usr/bin/env python3
"""Writes golden.json beside itself: the gradient penalty of two small critics and its gradients by
their parameters, computed by PyTorch (1.13) in float64 with second derivatives. Run: python3 golden.py

"norms" has instance normalisation with scale and shift and ends in linear layers, "patches" has
neither and gives a value a patch, whose sum counts. Parameters and images are not kept: fill()
makes them from names, here and in the test.
"""
import os
import sys

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../internal/golden"))
import golden as shared  # noqa: E402

fill = shared.fill


def parameters(shapes):
    return {n: torch.nn.Parameter(fill(n, s, *((0.5, 1.5) if n.endswith("scale") else (-0.4, 0.4)))) for n, s in shapes.items()}


def norms(p, x):
    for i in (1, 2):
        k = 3 * i - 2
        x = F.conv2d(x, p[f"trunk/conv{k}/weight"], stride=2, padding=1)
        x = F.instance_norm(x, eps=1e-6) * p[f"trunk/norm{k+1}/scale"][None, :, None, None] + p[f"trunk/norm{k+1}/shift"][None, :, None, None]
        x = F.leaky_relu(x, 0.2)
    x = F.leaky_relu(F.linear(x.flatten(1), p["head/fc1/weight"], p["head/fc1/bias"]), 0.2)
    return F.linear(x, p["head/fc3/weight"], p["head/fc3/bias"])


def patches(p, x):
    for k in (1, 3):
        x = F.leaky_relu(F.conv2d(x, p[f"trunk/conv{k}/weight"], p[f"trunk/conv{k}/bias"], stride=2, padding=1), 0.01)
    return F.conv2d(x, p["head/conv1/weight"], padding=1)


CRITICS = {
    "norms": (norms, {"trunk/conv1/weight": (4, 3, 4, 4), "trunk/norm2/scale": (4,), "trunk/norm2/shift": (4,),
                      "trunk/conv4/weight": (5, 4, 4, 4), "trunk/norm5/scale": (5,), "trunk/norm5/shift": (5,),
                      "head/fc1/weight": (6, 80), "head/fc1/bias": (6,), "head/fc3/weight": (1, 6), "head/fc3/bias": (1,)}),
    "patches": (patches, {"trunk/conv1/weight": (4, 3, 4, 4), "trunk/conv1/bias": (4,), "trunk/conv3/weight": (5, 4, 4, 4),
                          "trunk/conv3/bias": (5,), "head/conv1/weight": (1, 5, 3, 3)}),
}

out = {"about": "gradient penalties by PyTorch " + torch.__version__ + " in float64, made by golden.py"}
for name, (critic, shapes) in CRITICS.items():
    p = parameters(shapes)
    x = fill("images", (3, 3, 16, 16), -1, 1).requires_grad_()
    gradient, = torch.autograd.grad(critic(p, x).sum(), x, create_graph=True)
    penalty = ((gradient.flatten(1).norm(dim=1) - 1) ** 2).mean()
    penalty.backward()
    out[name] = {"penalty": float(penalty)}
    out[name + "-gradients"] = {n: (torch.zeros_like(v) if v.grad is None else v.grad) for n, v in p.items()}
shared.write(os.path.join(HERE, "golden.json"), out, shared.whole)
