#!/usr/bin/env python3
"""Writes golden.json and golden128.json beside itself: one training step of Fader Networks, computed
by PyTorch (1.13) in float64. Run: python3 golden.py

Networks written anew here from the specification: 4x4 convolutions of stride 2, batch normalisation,
the label as constant maps before every stage of the decoder; the discriminator first, on codes by
running statistics, then the auto-encoder, with the discriminator by running statistics. golden.json is
a small network at 16 pixels, all but its largest tensors whole; golden128.json is the published network at 128 pixels,
of which each tensor is kept as its size, the sum of its absolute values and some values. Dropout is
off: its masks are drawn elsewhere.

Parameters and images are not kept: golden.py's fill and parameter make them from names.
"""
import os
import sys

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../internal/golden"))
import golden as shared  # noqa: E402


class Fader:
    def __init__(self, widths, further, salt):
        self.widths, self.salt, self.p, self.state = widths, salt, {}, {}
        at, inp = 1, 3
        self.encoder = []  # convolution and norm of each stage
        for i, out in enumerate(widths):
            conv, norm = f"encoder/conv{at}", f"encoder/norm{at+1}" if i else None
            self.conv(conv, (out, inp, 4, 4), out)
            if norm:
                self.norm(norm, out)
            self.encoder.append((conv, norm))
            at, inp = at + (3 if i else 2), out
        for i, out in enumerate(widths[-2::-1] + [3]):
            self.add(f"decoder{i+1}/deconv1/weight", (inp + 2, out, 4, 4))
            if i < len(widths) - 1:
                self.norm(f"decoder{i+1}/norm2", out)
            inp = out
        self.conv("discriminator/conv1", (further, widths[-1], 4, 4), further)
        self.norm("discriminator/norm2", further)
        self.conv("discriminator/fc6", (512, further), 512)
        self.conv("discriminator/fc8", (2, 512), 2)

    def add(self, name, shape):
        self.p[name] = torch.nn.Parameter(shared.parameter(name, shape, self.salt))

    def conv(self, name, shape, out):
        self.add(name + "/weight", shape)
        self.add(name + "/bias", (out,))

    def norm(self, name, out):
        self.add(name + "/scale", (out,))
        self.add(name + "/shift", (out,))
        for kind in ("mean", "variance"):
            self.state[f"{name}/{kind}"] = shared.parameter(f"{name}/{kind}", (out,), self.salt)

    def part(self, *prefixes):
        return {k: v for k, v in self.p.items() if k.startswith(prefixes)}

    def normalise(self, name, x, training):
        s = self.state
        return F.batch_norm(x, s[name + "/mean"], s[name + "/variance"], self.p[name + "/scale"], self.p[name + "/shift"], training, 0.1, 1e-5)

    def encode(self, x, training):
        for conv, norm in self.encoder:
            x = F.conv2d(x, self.p[conv + "/weight"], self.p[conv + "/bias"], stride=2, padding=1)
            x = F.leaky_relu(self.normalise(norm, x, training) if norm else x, 0.2)
        return x

    def decode(self, x, label, training):
        n = len(self.widths)
        for i in range(n):
            x = torch.cat([x, label[:, :, None, None].expand(-1, -1, *x.shape[2:])], 1)
            x = F.conv_transpose2d(x, self.p[f"decoder{i+1}/deconv1/weight"], None, stride=2, padding=1)
            x = F.relu(self.normalise(f"decoder{i+1}/norm2", x, training)) if i < n - 1 else torch.tanh(x)
        return x

    def tell(self, x, training):
        x = F.conv2d(x, self.p["discriminator/conv1/weight"], self.p["discriminator/conv1/bias"], stride=2, padding=1)
        x = F.leaky_relu(self.normalise("discriminator/norm2", x, training), 0.2).flatten(1)
        x = F.leaky_relu(F.linear(x, self.p["discriminator/fc6/weight"], self.p["discriminator/fc6/bias"]), 0.2)
        return F.linear(x, self.p["discriminator/fc8/weight"], self.p["discriminator/fc8/bias"])


def step(side, batch, widths, further, weights, clip, salt):
    out = {"about": "one training step of Fader Networks by PyTorch " + torch.__version__ + " in float64, made by golden.py",
           "salt": salt, "side": side, "batch": batch, "rate": 2e-4}
    m = Fader(widths, further, salt)
    auto, disc = m.part("encoder/", "decoder"), m.part("discriminator/")
    opt_auto = torch.optim.Adam(auto.values(), lr=out["rate"], betas=(0.5, 0.999))
    opt_disc = torch.optim.Adam(disc.values(), lr=out["rate"], betas=(0.5, 0.999))
    x = torch.cat([shared.fill(salt + s, (batch, 3, side, side), -1, 1) for s in "ab"])
    classes = torch.cat([torch.zeros(batch, dtype=torch.long), torch.ones(batch, dtype=torch.long)])
    label = F.one_hot(classes, 2).double()
    with torch.no_grad():
        code = m.encode(x, False)
        a = code[:batch]
        at = lambda *y: m.decode(a, torch.tensor([y], dtype=torch.float64).expand(batch, 2), False)
        out["forward"] = {"code": code, "kept": at(1, 0), "switched": at(0, 1), "removed": at(0, 0), "union": at(1, 1), "beyond": at(-0.5, 1.5)}
    logits = m.tell(code, True)
    loss = F.cross_entropy(logits, classes)
    losses = {"discriminator": loss, "discriminator-accuracy": (logits.argmax(1) == classes).double().mean()}
    loss.backward()
    out["gradients"] = {k: v.grad.clone() for k, v in disc.items()}
    torch.nn.utils.clip_grad_norm_(list(disc.values()), clip)
    opt_disc.step()
    code = m.encode(x, True)
    y = m.decode(code, label, True)
    losses.update({"reconstruction/a": F.mse_loss(y[:batch], x[:batch]), "reconstruction/b": F.mse_loss(y[batch:], x[batch:]),
                   "confusion": F.cross_entropy(m.tell(code, False), 1 - classes)})
    (weights[0] * F.mse_loss(y, x) + weights[1] * losses["confusion"]).backward()
    out["gradients"].update({k: v.grad.clone() for k, v in auto.items()})
    losses["gradient-norm"] = torch.nn.utils.clip_grad_norm_(list(auto.values()), clip)
    opt_auto.step()
    out["losses"] = {k: float(v) for k, v in losses.items()}
    out["after"] = {**m.p, **m.state}
    return out


def mostly(t):
    return shared.whole(t) if t.numel() <= 2500 else shared.sampled(t)


if __name__ == "__main__":
    # 0.75 of the weight of the confusion, as after three of four steps of its rise.
    shared.write(os.path.join(HERE, "golden.json"), step(16, 3, [4, 8, 16], 32, (0.7, 0.75 * 0.4), 0.05, ""), mostly)
    shared.write(os.path.join(HERE, "golden128.json"), step(128, 2, [32, 64, 128, 256, 512, 512], 512, (1, 0.75 * 1e-4), 5, ""), shared.sampled)
