#!/usr/bin/env python3
"""Writes golden.json and counts.json beside itself: an update of the encoders of a small IcGAN, then one of
its critic and one of its generator, computed by PyTorch (1.13) in float64, and the numbers of
parameters of the paper's networks at three sizes of images. Run: python3 golden.py

Networks written anew here from the specification. Parameters, images and codes are not kept: fill()
makes them from names, here and in the test.
"""
import json
import os
import sys

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../internal/golden"))
import golden as shared  # noqa: E402

fill = shared.fill
P, STATE = {}, {}


def value(name, shape):
    if name.endswith(("/scale", "/variance")):
        return fill(name, shape, 0.5, 1.5)
    fan = 1
    for k in shape[1:]:
        fan *= k
    bound = 0.3 if len(shape) == 1 else 1.5 * fan ** -0.5
    return fill(name, shape, -bound, bound)


def get(name, *shape):
    if name not in P:
        P[name] = torch.nn.Parameter(value(name, shape))
    return P[name]


def moment(name, *shape):
    if name not in STATE:
        STATE[name] = value(name, shape)
    return STATE[name]


def norm(x, name, training=True, follow=True):
    c = x.shape[1]
    mean, variance = moment(name + "/mean", c), moment(name + "/variance", c)
    if training and not follow:
        mean, variance = mean.clone(), variance.clone()
    return F.batch_norm(x, mean, variance, get(name + "/scale", c), get(name + "/shift", c), training, 0.1, 1e-5)


def conv(x, name, out, k, s, p):
    return F.conv2d(x, get(name + "/weight", out, x.shape[1], k, k), get(name + "/bias", out), stride=s, padding=p)


def deconv(x, name, out, s, p):
    return F.conv_transpose2d(x, get(name + "/weight", x.shape[1], out, 4, 4), get(name + "/bias", out), stride=s, padding=p)


def linear(x, name, out):
    return F.linear(x, get(name + "/weight", out, x.shape[1]), get(name + "/bias", out))


class IcGAN:
    def __init__(self, side, base, code, encoder, hidden, labels):
        self.side, self.base, self.code, self.encoder, self.hidden, self.labels = side, base, code, encoder, hidden, labels
        self.halvings = side.bit_length() - 3

    def make(self, row, training=True, follow=True):
        x = row[:, :, None, None]
        x = F.relu(norm(deconv(x, "generator/deconv2", self.base * self.side // 8, 1, 0), "generator/norm3", training, follow))
        at = 5
        for i in range(self.halvings - 2, -1, -1):
            x = F.relu(norm(deconv(x, f"generator/deconv{at}", self.base << i, 2, 1), f"generator/norm{at+1}", training, follow))
            at += 3
        return torch.tanh(deconv(x, f"generator/deconv{at}", 3, 2, 1))

    def judge(self, x, y):
        x = F.leaky_relu(conv(x, "critic/image/conv1", self.base, 4, 2, 1), 0.2)
        x = torch.cat([x, y[:, :, None, None].expand(-1, -1, *x.shape[2:])], 1)
        at = 1
        for i in range(1, self.halvings):
            x = F.leaky_relu(norm(conv(x, f"critic/joint/conv{at}", self.base << i, 4, 2, 1), f"critic/joint/norm{at+1}", True, False), 0.2)
            at += 3
        return conv(x, f"critic/joint/conv{at}", 1, 4, 1, 0).flatten(1)

    def encode(self, x, name, hidden, out, training=True):
        at = 1
        for i in range(self.halvings):
            x = F.relu(norm(conv(x, f"{name}/conv{at}", self.encoder << i, 5, 2, 2), f"{name}/norm{at+1}", training))
            at += 3
        x = F.relu(norm(linear(x.flatten(1), f"{name}/fc{at+1}", hidden), f"{name}/norm{at+2}", training))
        return linear(x, f"{name}/fc{at+4}", out)

    def latent(self, x, training=True):
        return self.encode(x, "latent", 16 * (self.encoder << (self.halvings - 1)), self.code, training)

    def read(self, x, training=True):
        return self.encode(x, "labels", self.hidden, self.labels, training)


def below(*prefixes):
    return {n: p for n, p in P.items() if n.startswith(prefixes)}


def step(side, n, s):
    x = fill("images", (n, 3, side, side), -1, 1)
    own = torch.tensor([[1.0, -1.0]] * (n // 2) + [[-1.0, 1.0]] * (n // 2), dtype=torch.float64)

    def codes(part):
        z = fill(f"codes/{part}", (n, s.code), -1.5, 1.5)
        return torch.cat([z, own[[1, 5, 4, 0, 3, 2]]], 1)

    with torch.no_grad():
        s.judge(x, own), s.make(codes(0)), s.latent(x), s.read(x)
    STATE.clear()
    adam = lambda p, rate, beta: torch.optim.Adam(p.values(), lr=rate, betas=(beta, 0.999))
    of_g, of_d, of_e = adam(below("generator/"), 2e-4, 0.5), adam(below("critic/"), 2e-4, 0.5), adam(below("latent/", "labels/"), 1e-4, 0.1)
    bce = lambda logits, t: F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, t))
    gradients, losses = {}, {}
    row = codes(1)
    with torch.no_grad():
        made = s.make(row, training=False)
    losses.update({"latent": F.mse_loss(s.latent(made), row[:, : s.code]), "labels": F.mse_loss(s.read(x), own)})
    (losses["latent"] + losses["labels"]).backward()
    gradients.update({k: v.grad.clone() for k, v in below("latent/", "labels/").items()})
    of_e.step()
    row = codes(0)
    asked = row[:, s.code:]
    with torch.no_grad():
        made = s.make(row, follow=False)
    losses.update({"critic/real": bce(s.judge(x, own), 1.0), "critic/wrong": bce(s.judge(x, -own), 0.0), "critic/made": bce(s.judge(made, asked), 0.0)})
    (losses["critic/real"] + losses["critic/wrong"] / 2 + losses["critic/made"] / 2).backward()
    gradients.update({k: v.grad.clone() for k, v in below("critic/").items()})
    of_d.step()
    losses["generator"] = bce(s.judge(s.make(row), asked), 1.0)
    losses["generator"].backward()
    gradients.update({k: v.grad.clone() for k, v in below("generator/").items()})
    of_g.step()
    with torch.no_grad():
        z, y = s.latent(x, False), s.read(x, False)
        evaluated = {"common": z, "labels": y, "swapped": s.make(torch.cat([z, y.flip(0)], 1), False)}
    return {"about": "updates of IcGAN by PyTorch " + torch.__version__ + " in float64, made by golden.py", "side": side, "images": n,
            "losses": {k: float(v) for k, v in losses.items()}, "gradients": gradients,
            "after": {**P, **{k: v for k, v in STATE.items() if not k.startswith("critic/")}}, "evaluated": evaluated}


def counts(side, base, code, encoder, hidden, labels):
    P.clear(), STATE.clear()
    s = IcGAN(side, base, code, encoder, hidden, labels)
    x, y = torch.zeros(2, 3, side, side, dtype=torch.float64), torch.zeros(2, labels, dtype=torch.float64)
    with torch.no_grad():
        s.judge(x, y), s.make(torch.zeros(2, code + labels, dtype=torch.float64)), s.latent(x), s.read(x)
    return {part: sum(p.numel() for p in below(part + "/").values()) for part in ("generator", "critic", "latent", "labels")}


if __name__ == "__main__":
    keep = lambda t: shared.whole(t) if t.numel() <= 1000 else shared.sampled(t)
    shared.write(os.path.join(HERE, "golden.json"), step(32, 6, IcGAN(32, 4, 5, 3, 6, 2)), keep)
    sizes = {f"full {side}": counts(side, 64, 100, 32, 512, 18) for side in (128, 64, 32)}
    sizes.update({f"small {side}": counts(side, 32, 64, 16, 128, 1) for side in (64, 32)})
    with open(os.path.join(HERE, "counts.json"), "w") as f:
        json.dump(sizes, f, indent=1)
    print(json.dumps(sizes, indent=1))
