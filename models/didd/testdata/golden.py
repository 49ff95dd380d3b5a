#!/usr/bin/env python3
"""Writes golden.json, golden_both.json, golden_flag.json, golden_places.json and golden128.json beside itself: one DIDD
training step each, computed by PyTorch (1.13) in float64. Run: python3 golden.py

Networks written anew here from the specification: 4x4 convolutions of stride 2 with
spectral normalisation (one power iteration a training forward pass, u and v constant
in the gradient, rows = first dimension of the weight), instance normalisation, leaky
relu. golden.json is a small network at 16 pixels, every value of it, and golden_both.json and
golden_flag.json are that network with the other arrangements of the decoder's input; golden_places.json
has codes of 4 x 4 places, of images of 32 pixels, each tensor as its size, the sum of its absolute values
and some values; golden128.json
is the reference network at 128 pixels, of which each tensor is kept as its size, the
sum of its absolute values and some values at even distances.

Parameters and images are not kept: fill() makes them from names, here and in the test.
"""
import os
import sys

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../internal/golden"))
import golden as shared  # noqa: E402

SALT = ""  # before every name that fill() is given


def fill(name, shape, low, high):
    return shared.fill(SALT + name, shape, low, high)


class Layer:
    def __init__(self, name, shape, out, spectral, bound):
        self.w = torch.nn.Parameter(fill(name + "/weight", shape, -bound, bound))
        self.bias = torch.nn.Parameter(fill(name + "/bias", (out,), -bound, bound))
        self.name, self.spectral = name, spectral
        if spectral:
            self.u = F.normalize(fill(name + "/u", (shape[0],), -1, 1), dim=0)
            self.v = F.normalize(fill(name + "/v", (self.w[0].numel(),), -1, 1), dim=0)

    def weight(self):
        if not self.spectral:
            return self.w
        m = self.w.reshape(self.w.shape[0], -1)
        with torch.no_grad():
            v = m.t() @ self.u
            self.v = v / (v.norm() + 1e-12)
            u = m @ self.v
            self.u = u / (u.norm() + 1e-12)
        return self.w / (self.u @ (m @ self.v))


class Net:
    def __init__(self, name, inp, stages, bound, transposed=False):
        self.transposed, self.stages, self.layers = transposed, stages, []
        for i, (out, spectral, _, _) in enumerate(stages):
            shape = (inp, out, 4, 4) if transposed else (out, inp, 4, 4)
            self.layers.append(Layer(f"{name}/conv{i+1}", shape, out, spectral, bound or (16 * inp) ** -0.5))
            inp = out

    def params(self):
        return {l.name + s: p for l in self.layers for s, p in (("/weight", l.w), ("/bias", l.bias))}

    def state(self):
        return {l.name + s: p for l in self.layers if l.spectral for s, p in (("/u", l.u), ("/v", l.v))}

    def __call__(self, x):
        for layer, (_, _, norm, act) in zip(self.layers, self.stages):
            conv = F.conv_transpose2d if self.transposed else F.conv2d
            x = conv(x, layer.weight(), layer.bias, stride=2, padding=1)
            if norm:
                x = F.instance_norm(x, eps=1e-5)
            x = {"leaky": lambda t: F.leaky_relu(t, 0.2), "relu": F.relu, "tanh": torch.tanh}[act](x)
        return x


def encoder(outs, last, second=True):
    stages = [(o, True, True, "leaky") for o in outs]
    if not second:
        stages[1] = (outs[1], True, False, "leaky")
    stages[-1] = (outs[-1], True, last, "leaky")
    return stages


def arranged(slots, c, sa, sb, batch):
    """The decoder's input: an image's own separate code in its slot, in both, or in the first beside a flag."""
    zero = torch.zeros_like(sa[:batch])
    own = torch.cat([sa[:batch], sb[batch:]])
    return torch.cat({"own": [c, torch.cat([sa[:batch], zero]), torch.cat([zero, sb[batch:]])],
                      "both": [c, own, own], "flag": [c, own, torch.cat([zero, zero + 1])]}[slots], dim=1)


def step(side, batch, separate, weights, clip, common, specific, width, last, hidden, bound, slots="own"):
    nets = [Net("common", 3, encoder(common, last, second=False), bound), Net("separate-a", 3, encoder(specific, last), bound),
            Net("separate-b", 3, encoder(specific, last), bound),
            Net("decoder", width[0], [(o, True, True, "relu") for o in width] + [(3, False, False, "tanh")], bound, transposed=True)]
    common, sep_a, sep_b, decoder = nets
    flat = (side >> len(common.stages)) ** 2 * common.stages[-1][0]
    disc = {n: torch.nn.Parameter(fill("discriminator/" + n, s, -(bound or f ** -0.5), bound or f ** -0.5))
            for n, s, f in (("linear1/weight", (hidden, flat), flat), ("linear1/bias", (hidden,), flat),
                            ("linear2/weight", (1, hidden), hidden), ("linear2/bias", (1,), hidden))}

    def discriminate(x):
        h = F.leaky_relu(F.linear(x, disc["linear1/weight"], disc["linear1/bias"]), 0.2)
        return F.linear(h, disc["linear2/weight"], disc["linear2/bias"])

    auto = {k: v for n in nets for k, v in n.params().items()}
    named = {"discriminator/" + k: v for k, v in disc.items()}
    a, b = fill("a", (batch, 3, side, side), -1, 1), fill("b", (batch, 3, side, side), -1, 1)
    opt_auto = torch.optim.Adam(auto.values(), lr=2e-4, betas=(0.5, 0.999))
    opt_disc = torch.optim.Adam(disc.values(), lr=2e-4, betas=(0.5, 0.999))
    bce = lambda logits, label: F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))

    x = torch.cat([a, b])
    c, sa, sb = common(x), sep_a(x), sep_b(x)
    y = decoder(arranged(slots, c, sa, sb, batch))
    logits = discriminate(c.flatten(1))
    losses = {
        "reconstruction/a": F.l1_loss(y[:batch], a), "reconstruction/b": F.l1_loss(y[batch:], b),
        "zero/a": sb[:batch].abs().mean(), "zero/b": sa[batch:].abs().mean(),
        "confusion/a": bce(logits[:batch], 0.0), "confusion/b": bce(logits[batch:], 0.0),
    }
    out = {"about": "one DIDD training step by PyTorch " + torch.__version__ + " in float64, made by golden.py",
           "salt": SALT, "side": side, "batch": batch, "separate": separate, "weights": weights, "clip": clip, "bound": bound}
    out["forward"] = {"common": c, "separate-a": sa, "separate-b": sb, "decoded": y}
    sum(weights[k.split("/")[0]] * v for k, v in losses.items()).backward()
    out["gradients"] = {k: v.grad.clone() for k, v in auto.items()}
    out["losses"] = {k: float(v) for k, v in losses.items()}
    out["losses"]["gradient-norm"] = float(torch.nn.utils.clip_grad_norm_(list(auto.values()), clip))
    opt_auto.step()
    with torch.no_grad():
        again = common(x).flatten(1)
    opt_disc.zero_grad()
    logits = discriminate(again)
    loss = bce(logits[:batch], 1.0) + bce(logits[batch:], 0.0)
    loss.backward()
    out["losses"]["discriminator"] = float(loss)
    out["gradients"].update({k: v.grad.clone() for k, v in named.items()})
    opt_disc.step()
    out["after"] = {**auto, **named, **{k: v for n in nets for k, v in n.state().items()}}
    return out


def write(name, out, keep):
    shared.write(os.path.join(HERE, name), out, keep)


if __name__ == "__main__":
    for slots, name in (("own", "golden.json"), ("both", "golden_both.json"), ("flag", "golden_flag.json")):
        write(name, step(16, 3, 2, {"reconstruction": 1.0, "zero": 0.7, "confusion": 0.3}, 0.5,
                         [4, 6, 4], [4, 8, 2], [8, 4], False, 8, 0.3, slots), shared.whole)
    write("golden_places.json", step(32, 3, 2, {"reconstruction": 1.0, "zero": 0.7, "confusion": 0.3}, 0.5,
                                     [4, 6, 4], [4, 8, 2], [8, 4], False, 8, 0.3), shared.sampled)
    # Of fourteen salts tried, the one whose activations of small layers stay furthest (2e-6)
    # from the kinks of their leaky relus: a value that rounding alone puts on the other side
    # moves a gradient by a thousandth of its scale.
    SALT = "7/"
    write("golden128.json", step(128, 2, 25, {"reconstruction": 1.0, "zero": 1.0, "confusion": 0.001}, 5,
                                 [32, 64, 128, 256, 487, 462], [32, 64, 128, 256, 512, 25], [512, 256, 128, 64, 32], True, 512, None), shared.sampled)
