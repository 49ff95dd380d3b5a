#!/usr/bin/env python3
"""Writes golden.json, golden_published.json and golden128.json beside itself: one training step of
mask-based content transfer for either domain, computed by PyTorch (1.13) in float64.
Run: python3 golden.py

Networks written anew here from the specification: 4x4 convolutions of stride 2, batch normalisation
by the statistics of each group of images that is passed by itself, leaky relu. golden.json is a small
network at 16 pixels with a weight on every term, every value of it; golden_published.json is that
with the published weights, where one term is off; golden128.json is the published network at 128
pixels, of which each tensor is kept as its size, the sum of its absolute values and some values.

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
        self.side, self.salt, self.p, self.state = side, salt, {}, {}
        code = common[-1] + separate[-1]
        self.nets = {"common": (3, common, False), "separate": (3, separate, False), "plain": (code, decoder + [3], True), "painter": (code, decoder + [4], True)}
        for net, (inp, outs, transposed) in self.nets.items():
            for i, out in enumerate(outs):
                layer = f"{net}/{'deconv' if transposed else 'conv'}{3*i+1}"
                self.add(layer + "/weight", (inp, out, 4, 4) if transposed else (out, inp, 4, 4))
                self.add(layer + "/bias", (out,))
                if not (transposed and i == len(outs) - 1):
                    self.add(f"{net}/norm{3*i+2}/scale", (out,))
                    self.add(f"{net}/norm{3*i+2}/shift", (out,))
                    for kind in ("mean", "variance"):
                        name = f"{side}/{net}/norm{3*i+2}/{kind}"
                        self.state[name] = shared.parameter(name, (out,), salt)
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

    def net(self, net, x, training=True):
        _, outs, transposed = self.nets[net]
        for i in range(len(outs)):
            layer, norm = f"{net}/{'deconv' if transposed else 'conv'}{3*i+1}", f"{net}/norm{3*i+2}"
            conv = F.conv_transpose2d if transposed else F.conv2d
            x = conv(x, self.of(layer + "/weight"), self.of(layer + "/bias"), stride=2, padding=1)
            if transposed and i == len(outs) - 1:
                return x
            mean, variance = (self.state[f"{self.side}/{norm}/{kind}"] for kind in ("mean", "variance"))
            x = F.batch_norm(x, mean, variance, self.of(norm + "/scale"), self.of(norm + "/shift"), training, 0.1, 1e-5)
            x = F.leaky_relu(x, 0.2)
        return x

    def plain(self, code, training=True):
        return torch.tanh(self.net("plain", code, training))

    def paint(self, code, base, training=True):
        y = self.net("painter", code, training)
        m, o = torch.sigmoid(y[:, :1]), torch.tanh(y[:, 1:])
        return m * o + (1 - m) * base, m

    def tell(self, code):
        h = F.leaky_relu(F.linear(code.flatten(1), self.of("discriminator/fc1/weight"), self.of("discriminator/fc1/bias")), 0.2)
        return F.linear(h, self.of("discriminator/fc3/weight"), self.of("discriminator/fc3/bias"))


def bce(logits, label):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


def forward(half, a, b, out):
    """What the system makes in evaluation, from the parameters before the step."""
    with torch.no_grad():
        ca, cb, own = (half.net(*arguments, False) for arguments in (("common", a), ("common", b), ("separate", a)))
        empty = torch.zeros_like(own)
        full, bare = torch.cat([ca, own], 1), half.plain(torch.cat([ca, empty], 1), False)
        kept, mask = half.paint(full, bare, False)
        hard = (mask >= out["threshold"]).double()
        added, added_mask = half.paint(torch.cat([cb, own], 1), b, False)
        values = {"common": ca, "separate": own, "kept": kept, "kept-mask": mask, "removed": hard * bare + (1 - hard) * a, "removed-mask": hard,
                  "removed-own": hard * half.plain(full, False) + (1 - hard) * a, "added": added, "added-mask": added_mask}
        out["forward"].update({f"{half.side}/{k}": v for k, v in values.items()})


def step(half, a, b, weights, clip, out):
    """a has the content, b has not. Weights: reconstruction with and without, repainting with and
    without, cycle common and separate, confusion."""
    auto, disc = half.part("common", "separate", "plain", "painter"), half.part("discriminator")
    opt_auto = torch.optim.Adam(auto.values(), lr=out["rate"], betas=(0.5, 0.999))
    opt_disc = torch.optim.Adam(disc.values(), lr=out["rate"], betas=(0.5, 0.999))
    ca, cb, own = half.net("common", a), half.net("common", b), half.net("separate", a)
    empty = torch.zeros_like(own)
    kept, _ = half.paint(torch.cat([ca, own], 1), half.plain(torch.cat([ca, empty], 1)))
    without = half.plain(torch.cat([cb, empty], 1))
    again_a, _ = half.paint(torch.cat([ca, own], 1), a)
    again_b, _ = half.paint(torch.cat([cb, empty], 1), b)
    added, _ = half.paint(torch.cat([cb, own], 1), b)
    x, y = half.side, "b" if half.side == "a" else "a"
    terms = [("reconstruction/" + x, F.l1_loss(kept, a)), ("reconstruction/" + y, F.l1_loss(without, b)), ("repainting/" + x, F.l1_loss(again_a, a)),
             ("repainting/" + y, F.l1_loss(again_b, b)), ("cycle/common", F.mse_loss(half.net("common", added), cb)),
             ("cycle/separate", F.mse_loss(half.net("separate", added), own)), ("confusion/" + x, bce(half.tell(ca), 0.0)), ("confusion/" + y, bce(half.tell(cb), 0.0))]
    losses = dict(terms)
    sum(w * loss for w, (_, loss) in zip(weights + weights[-1:], terms)).backward()
    out["gradients"].update({k: v.grad.clone() for k, v in auto.items()})
    losses["gradient-norm"] = torch.nn.utils.clip_grad_norm_(list(auto.values()), clip)
    opt_auto.step()
    opt_disc.zero_grad()
    with torch.no_grad():
        codes = half.net("common", a), half.net("common", b)
    ta, tb = half.tell(codes[0]), half.tell(codes[1])
    losses["discriminator"] = bce(ta, 1.0) + bce(tb, 0.0)
    losses["discriminator-accuracy"] = ((ta > 0).double().mean() + (tb <= 0).double().mean()) / 2
    losses["discriminator"].backward()
    out["gradients"].update({k: v.grad.clone() for k, v in disc.items()})
    opt_disc.step()
    out["losses"].update({f"{half.side}/{k}": float(v) for k, v in losses.items()})
    out["after"].update({**half.p, **half.state})


def both(side, batch, weights, clip, threshold, sizes, salt):
    out = {"about": "one training step of mask-based content transfer by PyTorch " + torch.__version__ + " in float64, made by golden.py",
           "salt": salt, "side": side, "batch": batch, "rate": 2e-4, "threshold": threshold, "losses": {}, "forward": {}, "gradients": {}, "after": {}}
    images = {s: shared.fill(salt + s, (batch, 3, side, side), -1, 1) for s in "ab"}
    for with_, without in ("ab", "ba"):
        half = Half(with_, *sizes, salt)
        forward(half, images[with_], images[without], out)
        step(half, images[with_], images[without], weights, clip, out)
    return out


if __name__ == "__main__":
    small = [4, 6, 6], [4, 8, 2], [8, 4], 8
    shared.write(os.path.join(HERE, "golden.json"), both(16, 3, [0.7, 0.5, 0.3, 0.2, 0.4, 0.6, 0.1], 0.5, 0.5, small, ""), shared.whole)
    published = [7, 5, 0.7, 0.7, 0, 0.001, 0.005]
    shared.write(os.path.join(HERE, "golden_published.json"), both(16, 3, published, 5, 0.1, small, ""), shared.sampled)
    full = [32, 64, 128, 256, 487, 487], [32, 64, 128, 128, 128, 25], [512, 256, 128, 64, 32], 512
    shared.write(os.path.join(HERE, "golden128.json"), both(128, 2, published, 5, 0.1, full, ""), shared.sampled)
