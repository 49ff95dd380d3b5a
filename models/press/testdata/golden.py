#!/usr/bin/env python3
"""Writes golden.json and golden128.json beside itself: one training step of Press et al. for either
domain, computed by PyTorch (1.13) in float64. Run: python3 golden.py

Networks written anew here from the specification: 4x4 convolutions of stride 2, instance
normalisation, leaky relu; each domain goes through the networks by itself. golden.json is a small
network at 16 pixels, every value of it; golden128.json is the published network at 128 pixels, of
which each tensor is kept as its size, the sum of its absolute values and some values.

Parameters and images are not kept: golden.py's fill and parameter make them from names.
"""
import os
import sys

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../internal/golden"))
import golden as shared  # noqa: E402


class Half:
    """The system for what one domain has; all parameters by their full names."""

    def __init__(self, side, common, separate, decoder, hidden, salt):
        self.side, self.salt, self.p = side, salt, {}
        self.nets = {"common": (3, common, False), "separate": (3, separate, False),
                     "decoder": (common[-1] + separate[-1], decoder + [3], True)}
        for net, (inp, outs, transposed) in self.nets.items():
            for i, out in enumerate(outs):
                self.add(f"{net}/conv{i+1}/weight", (inp, out, 4, 4) if transposed else (out, inp, 4, 4))
                self.add(f"{net}/conv{i+1}/bias", (out,))
                inp = out
        flat = 4 * common[-1]
        for name, shape in (("fc1/weight", (hidden, flat)), ("fc1/bias", (hidden,)), ("fc3/weight", (1, hidden)), ("fc3/bias", (1,))):
            self.add("discriminator/" + name, shape)

    def add(self, name, shape):
        name = f"{self.side}/{name}"
        self.p[name] = torch.nn.Parameter(shared.parameter(name, shape, self.salt))

    def of(self, name):
        return self.p[f"{self.side}/{name}"]

    def part(self, *nets):
        return {k: v for k, v in self.p.items() if k.split("/")[1] in nets}

    def net(self, net, x):
        _, outs, transposed = self.nets[net]
        for i in range(len(outs)):
            conv = F.conv_transpose2d if transposed else F.conv2d
            x = conv(x, self.of(f"{net}/conv{i+1}/weight"), self.of(f"{net}/conv{i+1}/bias"), stride=2, padding=1)
            if transposed and i == len(outs) - 1:
                return torch.tanh(x)
            x = F.instance_norm(x, eps=1e-5)
            x = F.relu(x) if transposed else F.leaky_relu(x, 0.2)
        return x

    def tell(self, code):
        h = F.leaky_relu(F.linear(code.flatten(1), self.of("discriminator/fc1/weight"), self.of("discriminator/fc1/bias")), 0.2)
        return F.linear(h, self.of("discriminator/fc3/weight"), self.of("discriminator/fc3/bias"))


def bce(logits, label):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


def step(half, a, b, weights, clip, out):
    """a has the content, b has not."""
    auto, disc = half.part("common", "separate", "decoder"), half.part("discriminator")
    opt_auto = torch.optim.Adam(auto.values(), lr=out["rate"], betas=(0.5, 0.999))
    opt_disc = torch.optim.Adam(disc.values(), lr=out["rate"], betas=(0.5, 0.999))
    ca, cb, own = half.net("common", a), half.net("common", b), half.net("separate", a)
    ya = half.net("decoder", torch.cat([ca, own], 1))
    yb = half.net("decoder", torch.cat([cb, torch.zeros_like(own)], 1))
    with_, without = half.side, "b" if half.side == "a" else "a"
    losses = {"reconstruction/" + with_: F.mse_loss(ya, a), "reconstruction/" + without: F.mse_loss(yb, b),
              "confusion/" + with_: bce(half.tell(ca), 0.0), "confusion/" + without: bce(half.tell(cb), 0.0)}
    out["forward"].update({half.side + "/common": ca, half.side + "/separate": own, half.side + "/kept": ya,
                           half.side + "/removed": half.net("decoder", torch.cat([ca, torch.zeros_like(own)], 1)),
                           half.side + "/added": half.net("decoder", torch.cat([cb, own], 1))})
    sum(weights[k.split("/")[0]] * v for k, v in losses.items()).backward()
    out["gradients"].update({k: v.grad.clone() for k, v in auto.items()})
    losses["gradient-norm"] = torch.nn.utils.clip_grad_norm_(list(auto.values()), clip)
    opt_auto.step()
    opt_disc.zero_grad()
    with torch.no_grad():
        again = half.net("common", a), half.net("common", b)
    ta, tb = half.tell(again[0]), half.tell(again[1])
    losses["discriminator"] = bce(ta, 1.0) + bce(tb, 0.0)
    losses["discriminator-accuracy"] = ((ta > 0).double().mean() + (tb <= 0).double().mean()) / 2
    losses["discriminator"].backward()
    out["gradients"].update({k: v.grad.clone() for k, v in disc.items()})
    opt_disc.step()
    out["losses"].update({f"{half.side}/{k}": float(v) for k, v in losses.items()})
    out["after"].update(half.p)


def both(side, batch, weights, clip, sizes, salt):
    out = {"about": "one training step of Press et al. by PyTorch " + torch.__version__ + " in float64, made by golden.py",
           "salt": salt, "side": side, "batch": batch, "rate": 2e-4, "losses": {}, "forward": {}, "gradients": {}, "after": {}}
    images = {s: shared.fill(salt + s, (batch, 3, side, side), -1, 1) for s in "ab"}
    step(Half("a", *sizes, salt), images["a"], images["b"], weights, clip, out)
    step(Half("b", *sizes, salt), images["b"], images["a"], weights, clip, out)
    return out


if __name__ == "__main__":
    small = [4, 6, 6], [4, 8, 2], [8, 4], 8
    shared.write(os.path.join(HERE, "golden.json"), both(16, 3, {"reconstruction": 0.7, "confusion": 0.3}, 0.5, small, ""), shared.whole)
    full = [32, 64, 128, 256, 487, 487], [32, 64, 128, 128, 128, 25], [512, 256, 128, 64, 32], 512
    shared.write(os.path.join(HERE, "golden128.json"), both(128, 2, {"reconstruction": 1.0, "confusion": 0.001}, 5, full, ""), shared.sampled)
