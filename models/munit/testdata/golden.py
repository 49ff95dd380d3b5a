#!/usr/bin/env python3
"""Writes golden.json beside itself: one training step of a small MUNIT at 16 pixels, computed by
PyTorch (1.13) in float64. Run: python3 golden.py

Written anew from the specification. Parameters, images and random styles are not kept: fill()
makes them from names, here and in the test.
"""
import os
import sys

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../internal/golden"))
import golden as shared  # noqa: E402

SIDE, BATCH, BASE, BLOCKS, MLP, STYLE, HALVINGS, WIDTH, STAGES, SCALES = 16, 2, 4, 2, 6, 3, 3, 4, 2, 2
WEIGHTS = {"reconstruction": 10.0, "style": 1.5, "content": 0.7, "adversarial": 1.2, "cycle": 2.0}
RATE, DECAY = 1e-3, 0.01
fill = shared.fill
params = {}


def parameter(name, shape, low=-0.3, high=0.3):
    if name not in params:
        params[name] = torch.nn.Parameter(fill(name, shape, low, high))
    return params[name]


def conv(name, x, out, kernel, stride, pad):
    w = parameter(name + "/weight", (out, x.shape[1], kernel, kernel))
    return F.conv2d(F.pad(x, (pad,) * 4, mode="reflect") if pad else x, w, parameter(name + "/bias", (out,)), stride=stride)


def linear(name, x, out):
    return F.linear(x, parameter(name + "/weight", (out, x.shape[1])), parameter(name + "/bias", (out,)))


def norm(x):
    return F.instance_norm(x, eps=1e-5)


def content(d, x):
    n = d + "/generator/content/"
    x = F.relu(norm(conv(n + "conv1", x, BASE, 7, 1, 3)))
    x = F.relu(norm(conv(n + "conv3", x, 2 * BASE, 4, 2, 1)))
    x = F.relu(norm(conv(n + "conv5", x, 4 * BASE, 4, 2, 1)))
    for i in range(BLOCKS):
        b = f"{n}residual{7 + i}/"
        y = F.relu(norm(conv(b + "conv1", x, 4 * BASE, 3, 1, 1)))
        x = x + norm(conv(b + "conv3", y, 4 * BASE, 3, 1, 1))
    return x


def style(d, x):
    n = d + "/generator/style/"
    x = F.relu(conv(n + "conv1", x, BASE, 7, 1, 3))
    for i in range(HALVINGS):
        x = F.relu(conv(f"{n}conv{3 + 2 * i}", x, BASE * 2 ** min(i + 1, 2), 4, 2, 1))
    return linear(f"{n}fc{4 + 2 * HALVINGS}", x.mean((2, 3)), STYLE)


def layer_norm(name, x):
    affine = parameter(name + "/affine", (2, x.shape[1]), 0.2, 1)
    flat = x.reshape(x.shape[0], -1)
    mean, std = flat.mean(1).view(-1, 1, 1, 1), flat.std(1).view(-1, 1, 1, 1)
    return (x - mean) / (std + 1e-5) * affine[0].view(1, -1, 1, 1) + affine[1].view(1, -1, 1, 1)


def decode(d, c, s):
    n = d + "/generator/mlp/"
    h = F.relu(linear(n + "fc1", s, MLP))
    h = F.relu(linear(n + "fc3", h, MLP))
    h = linear(n + "fc5", h, 2 * 2 * BLOCKS * 4 * BASE)
    at = 0

    def adaptive(x):
        nonlocal at
        k = x.shape[1]
        mean, gain = h[:, at:at + k], h[:, at + k:at + 2 * k]
        at += 2 * k
        return norm(x) * gain[:, :, None, None] + mean[:, :, None, None]

    n, x = d + "/generator/decoder/", c
    for i in range(BLOCKS):
        b = f"{n}residual{1 + i}/"
        y = F.relu(adaptive(conv(b + "conv1", x, 4 * BASE, 3, 1, 1)))
        x = x + adaptive(conv(b + "conv3", y, 4 * BASE, 3, 1, 1))
    k = BLOCKS
    for width in (2 * BASE, BASE):
        x = F.interpolate(x, scale_factor=2, mode="nearest")
        x = F.relu(layer_norm(f"{n}norm{k + 2}", conv(f"{n}conv{k + 1}", x, width, 5, 1, 2)))
        k += 2
    return torch.tanh(conv(f"{n}conv{k + 1}", x, 3, 7, 1, 3))


def judge(d, x):
    out = []
    for k in range(SCALES):
        n, y = f"{d}/discriminator/scale{k + 1}/", x
        for i in range(STAGES):
            y = F.leaky_relu(conv(f"{n}conv{1 + 2 * i}", y, WIDTH << i, 4, 2, 1), 0.2)
        out.append(conv(f"{n}conv{1 + 2 * STAGES}", y, 1, 1, 1, 0))
        x = F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)
    return out


def squares(verdicts, target):
    return sum(((v - target) ** 2).mean() for v in verdicts)


def main():
    other = {"a": "b", "b": "a"}
    x = {d: fill("images/" + d, (BATCH, 3, SIDE, SIDE), -1, 1) for d in "ab"}
    s = {d: fill("styles/" + d, (BATCH, STYLE), -2, 2) for d in "ab"}
    first = {d: fill("styles/discriminator/" + d, (BATCH, STYLE), -2, 2) for d in "ab"}
    with torch.no_grad():
        made = {d: decode(d, content(other[d], x[other[d]]), first[d]) for d in "ab"}
        for d in "ab":
            style(d, x[d]), judge(d, x[d])  # makes the parameters
    of = lambda part: {k: v for k, v in params.items() if k.split("/")[1] == part}
    judging = torch.optim.Adam(of("discriminator").values(), lr=RATE, betas=(0.5, 0.999), weight_decay=DECAY)
    making = torch.optim.Adam(of("generator").values(), lr=RATE, betas=(0.5, 0.999), weight_decay=DECAY)
    losses = {}
    for d in "ab":
        losses["discriminator-made/" + d] = squares(judge(d, made[d]), 0)
        losses["discriminator-real/" + d] = squares(judge(d, x[d]), 1)
    sum(losses.values()).backward()
    gradients = {k: v.grad.clone() for k, v in of("discriminator").items()}
    judging.step()

    c, own = {d: content(d, x[d]) for d in "ab"}, {d: style(d, x[d]) for d in "ab"}
    translated = {d: decode(d, c[other[d]], s[d]) for d in "ab"}
    seen = {d: content(d, translated[d]) for d in "ab"}
    terms = {}
    for d in "ab":
        terms["reconstruction/" + d] = F.l1_loss(decode(d, c[d], own[d]), x[d])
        terms["style/" + d] = F.l1_loss(style(d, translated[d]), s[d])
        terms["content/" + d] = F.l1_loss(seen[other[d]], c[d])
        terms["adversarial/" + d] = squares(judge(d, translated[d]), 1)
        terms["cycle/" + d] = F.l1_loss(decode(d, seen[other[d]], own[d]), x[d])
    making.zero_grad()
    sum(WEIGHTS[k.split("/")[0]] * v for k, v in terms.items()).backward()
    gradients.update({k: v.grad.clone() for k, v in of("generator").items()})
    making.step()
    losses.update(terms)
    out = {"about": "one MUNIT training step by PyTorch " + torch.__version__ + " in float64, made by golden.py",
           "side": SIDE, "batch": BATCH, "weights": WEIGHTS,
           "options": {"base": BASE, "blocks": BLOCKS, "mlp": MLP, "style": STYLE, "halvings": HALVINGS, "discriminator.width": WIDTH,
                       "discriminator.stages": STAGES, "discriminator.scales": SCALES},
           "rate": RATE, "decay": DECAY, "losses": {k: float(v) for k, v in losses.items()},
           "forward": {"made/" + d: made[d] for d in "ab"}, "gradients": gradients, "after": dict(params)}
    shared.write(os.path.join(HERE, "golden.json"), out, shared.sampled)


if __name__ == "__main__":
    main()
