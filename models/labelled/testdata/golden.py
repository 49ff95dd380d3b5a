#!/usr/bin/env python3
"""Writes attgan.json, stargan.json, stgan.json and counts.json beside itself: of each system one update of the
critic and then one of the generator, computed by PyTorch (1.13) in float64 with second derivatives
for the gradient penalty, and the numbers of parameters at full and at small size. Run: python3 golden.py

Networks written anew here from the specification. Parameters and images are not kept: fill() makes
them from names, here and in the test. Kept are losses, gradients, what is decoded by running
moments afterwards, and all parameters after both updates; of large tensors some values and a sum.
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
LABELS = 2


def value(name, shape):
    """First values: scales and variances about 1, biases of sums that small, weights by fan-in."""
    kind = name.rsplit("/", 1)[1]
    if kind in ("scale", "variance"):
        return fill(name, shape, 0.5, 1.5)
    fan = 1
    for k in shape[1:]:
        fan *= k
    bound = 0.3 if len(shape) == 1 else 1.5 * fan ** -0.5
    return fill(name, shape, -bound, bound)


class Net:
    """Parameters by name, made when they are first asked for; running moments are state."""

    def __init__(self, running=True):
        self.p, self.state, self.training, self.fresh = {}, {}, True, True

    def get(self, name, *shape):
        if name not in self.p:
            self.p[name] = torch.nn.Parameter(value(name, shape))
        return self.p[name]

    def moment(self, name, *shape):
        if name not in self.state:
            self.state[name] = value(name, shape)
        return self.state[name]

    def conv(self, x, name, out, kernel=4, stride=2, padding=1, bias=False):
        b = self.get(name + "/bias", out) if bias else None
        return F.conv2d(x, self.get(name + "/weight", out, x.shape[1], kernel, kernel), b, stride=stride, padding=padding)

    def deconv(self, x, name, out, bias=False):
        b = self.get(name + "/bias", out) if bias else None
        return F.conv_transpose2d(x, self.get(name + "/weight", x.shape[1], out, 4, 4), b, stride=2, padding=1)

    def batch_norm(self, x, name):
        c = x.shape[1]
        return F.batch_norm(x, self.moment(name + "/mean", c), self.moment(name + "/variance", c), self.get(name + "/scale", c),
                            self.get(name + "/shift", c), self.training, 1e-3, 1e-3)

    def instance_norm(self, x, name, eps):
        c = x.shape[1]
        return F.instance_norm(x, eps=eps) * self.get(name + "/scale", c)[None, :, None, None] + self.get(name + "/shift", c)[None, :, None, None]

    def linear(self, x, name, out):
        return F.linear(x, self.get(name + "/weight", out, x.shape[1]), self.get(name + "/bias", out))


def maps(labels, x):
    return labels[:, :, None, None].expand(-1, -1, *x.shape[2:])


class AttGAN:
    name, summed, again = "attgan", False, False
    weights, rate = {"reconstruction": 100, "classes": 10}, 2e-4

    def __init__(self, widths, hidden, labels=LABELS):
        self.widths, self.hidden, self.labels = widths, hidden, labels
        self.g, self.d = Net(), Net()

    def request(self, own, wanted):
        return 2 * wanted - 1

    def encode(self, x):
        z = []
        for i, w in enumerate(self.widths):
            x = F.leaky_relu(self.g.batch_norm(self.g.conv(x, f"encoder/{i+1}/conv1", w), f"encoder/{i+1}/norm2"), 0.2)
            z.append(x)
        return z

    def stage(self, x, i):
        n = len(self.widths)
        if i == n - 1:
            return torch.tanh(self.g.deconv(x, f"decoder/{i+1}/deconv1", 3, bias=True))
        return F.relu(self.g.batch_norm(self.g.deconv(x, f"decoder/{i+1}/deconv1", self.widths[n - 1 - i]), f"decoder/{i+1}/norm2"))

    def decode(self, z, request):
        x = z[-1]
        for i in range(len(self.widths)):
            if i == 0:
                x = torch.cat([x, maps(request, x)], 1)
            if i == 1:
                x = torch.cat([x, z[-2], maps(request, x)], 1)
            x = self.stage(x, i)
        return x

    def edit(self, x, request):
        return self.decode(self.encode(x), request)

    def learn(self, x, keep, request):
        z = self.encode(x)
        return self.decode(z, keep), self.decode(z, request)

    def judge(self, x):
        for i, w in enumerate(self.widths):
            x = F.leaky_relu(self.d.instance_norm(self.d.conv(x, f"critic/trunk/conv{3*i+1}", w), f"critic/trunk/norm{3*i+2}", 1e-6), 0.2)
        x = x.flatten(1)
        real = self.d.linear(F.leaky_relu(self.d.linear(x, "critic/real/fc1", self.hidden), 0.2), "critic/real/fc3", 1)
        labels = self.d.linear(F.leaky_relu(self.d.linear(x, "critic/labels/fc1", self.hidden), 0.2), "critic/labels/fc3", self.labels)
        return real, labels


class StarGAN:
    name, summed, again = "stargan", True, True
    weights, rate = {"reconstruction": 10, "classes": 1}, 1e-4

    def __init__(self, base, blocks, stages, labels=LABELS):
        self.base, self.blocks, self.stages, self.labels = base, blocks, stages, labels
        self.g, self.d = Net(), Net()

    def request(self, own, wanted):
        return wanted

    def edit(self, x, request):
        g, w = self.g, self.base
        norm = lambda x, name: g.instance_norm(x, name, 1e-5)
        x = torch.cat([x, maps(request, x)], 1)
        x = F.relu(norm(g.conv(x, "generator/in/conv1", w, 7, 1, 3), "generator/in/norm2"))
        x = F.relu(norm(g.conv(x, "generator/in/conv4", 2 * w), "generator/in/norm5"))
        x = F.relu(norm(g.conv(x, "generator/in/conv7", 4 * w), "generator/in/norm8"))
        for i in range(self.blocks):
            n = f"generator/block{i+1}"
            y = F.relu(norm(g.conv(x, n + "/conv1", 4 * w, 3, 1, 1), n + "/norm2"))
            x = x + norm(g.conv(y, n + "/conv4", 4 * w, 3, 1, 1), n + "/norm5")
        x = F.relu(norm(g.deconv(x, "generator/out/deconv1", 2 * w), "generator/out/norm2"))
        x = F.relu(norm(g.deconv(x, "generator/out/deconv4", w), "generator/out/norm5"))
        return torch.tanh(g.conv(x, "generator/out/conv7", 3, 7, 1, 3))

    def learn(self, x, keep, request):
        edited = self.edit(x, request)
        return self.edit(edited, keep), edited

    def judge(self, x):
        for i in range(self.stages):
            x = F.leaky_relu(self.d.conv(x, f"critic/trunk/conv{2*i+1}", self.base << i, bias=True), 0.01)
        return self.d.conv(x, "critic/real/conv1", 1, 3, 1, 1), self.d.conv(x, "critic/labels/conv1", self.labels, x.shape[2], 1, 0).flatten(1)


class STGAN(AttGAN):
    name = "stgan"

    def request(self, own, wanted):
        return wanted - own

    def decode(self, z, request):
        g, last = self.g, len(z) - 1
        read = lambda name, f, s: g.conv(torch.cat([f, s], 1), name, f.shape[1], 3, 1, 1, bias=True)
        state = torch.cat([z[last], maps(request, z[last])], 1)
        x = self.stage(state, 0)
        for i in range(1, len(z)):
            f, name = z[last - i], f"units/{last-i+1}"
            up = g.deconv(state, name + "/up/deconv1", f.shape[1], bias=True)
            r, u = torch.sigmoid(read(name + "/reset/conv1", f, up)), torch.sigmoid(read(name + "/gate/conv1", f, up))
            hidden = r * up
            content = torch.tanh(read(name + "/content/conv1", f, hidden))
            out = (1 - u) * up + u * content
            state = torch.cat([hidden, maps(request, hidden)], 1)
            x = self.stage(torch.cat([x, out, maps(request, out)], 1), i)
        return x


SYSTEMS = {"stgan": lambda: STGAN([3, 6, 12], 5), "attgan": lambda: AttGAN([3, 6, 12], 5), "stargan": lambda: StarGAN(3, 2, 4)}


def shown(side, images, part):
    """What an update is shown: own labels are half of A, half of B."""
    own = torch.zeros(images, LABELS, dtype=torch.float64)
    own[: images // 2, 0], own[images // 2 :, 1] = 1, 1
    wanted = own.flip(0) if part == 0 else torch.roll(own, 1, 0)
    return fill(f"images/{part}", (images, 3, side, side), -1, 1), own, wanted, fill(f"shares/{part}", (images, 1, 1, 1), 0, 1)


def step(s, side, images):
    x, own, wanted, shares = shown(side, images, 0)
    with torch.no_grad():  # so that all parameters are there
        s.learn(x, s.request(own, own), s.request(own, wanted))
        s.judge(x)
    s.g.state.clear()
    of_g = torch.optim.Adam(s.g.p.values(), lr=s.rate, betas=(0.5, 0.999))
    of_d = torch.optim.Adam(s.d.p.values(), lr=s.rate, betas=(0.5, 0.999))
    bce = lambda logits, y: F.binary_cross_entropy_with_logits(logits, y) * (LABELS if s.summed else 1)
    with torch.no_grad():
        edited = s.edit(x, s.request(own, wanted))
    between = (x + shares * (edited - x)).requires_grad_()
    real, logits = s.judge(x)
    slope, = torch.autograd.grad(s.judge(between)[0].sum(), between, create_graph=True)
    losses = {"critic/distance": real.mean() - s.judge(edited)[0].mean(), "critic/penalty": ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean(),
              "critic/classes": bce(logits, own)}
    (-losses["critic/distance"] + 10 * losses["critic/penalty"] + losses["critic/classes"]).backward()
    out = {"about": "an update of the critic and one of the generator by PyTorch " + torch.__version__ + " in float64, made by golden.py",
           "side": side, "images": images}
    gradients = {k: v.grad.clone() for k, v in s.d.p.items()}
    of_d.step()
    x, own, wanted, _ = shown(side, images, 0 if s.again else 1)
    kept, edited = s.learn(x, s.request(own, own), s.request(own, wanted))
    real, logits = s.judge(edited)
    losses.update({"reconstruction": F.l1_loss(kept, x), "adversarial": -real.mean(), "classes": bce(logits, wanted)})
    (s.weights["reconstruction"] * losses["reconstruction"] + losses["adversarial"] + s.weights["classes"] * losses["classes"]).backward()
    gradients.update({k: v.grad.clone() for k, v in s.g.p.items()})
    of_g.step()
    out["losses"] = {k: float(v) for k, v in losses.items()}
    out["gradients"] = gradients
    out["after"] = {**s.g.p, **s.g.state, **s.d.p}
    s.g.training = False
    with torch.no_grad():
        x, own, wanted, _ = shown(side, images, 0)
        strong = s.request(own, own + 1.5 * (wanted - own))
        out["evaluated"] = {"edited": s.edit(x, strong)}
    return out


def counts(s, side, labels):
    own = torch.zeros(2, labels, dtype=torch.float64)
    x = torch.zeros(2, 3, side, side, dtype=torch.float64)
    with torch.no_grad():
        s.learn(x, own, own)
        s.judge(x)
    total = {}
    for name, p in {**s.g.p, **s.d.p}.items():
        part = name.split("/")[0]
        total[part] = total.get(part, 0) + p.numel()
    return total


if __name__ == "__main__":
    for name, make in SYSTEMS.items():
        shared.write(os.path.join(HERE, name + ".json"), step(make(), 32, 6), lambda t: shared.whole(t) if t.numel() <= 1000 else shared.sampled(t))
    full, small64, small32 = [64, 128, 256, 512, 1024], [32, 64, 128, 256], [32, 64, 128]
    sizes = {"attgan 128 13": counts(AttGAN(full, 1024, 13), 128, 13), "attgan 64 1": counts(AttGAN(small64, 256, 1), 64, 1),
             "attgan 32 1": counts(AttGAN(small32, 256, 1), 32, 1),
             "stgan 128 13": counts(STGAN(full, 1024, 13), 128, 13), "stgan 64 13": counts(STGAN(small64, 256, 13), 64, 13),
             "stgan 32 13": counts(STGAN(small32, 256, 13), 32, 13),
             "stargan 128 5": counts(StarGAN(64, 6, 6, 5), 128, 5), "stargan 64 1": counts(StarGAN(32, 4, 5, 1), 64, 1),
             "stargan 32 1": counts(StarGAN(32, 3, 4, 1), 32, 1)}
    with open(os.path.join(HERE, "counts.json"), "w") as f:
        json.dump(sizes, f, indent=1)
    print(json.dumps(sizes, indent=1))
