#!/usr/bin/env python3
"""Times a training round of AttGAN, StarGAN or STGAN, or a step of each phase of IcGAN, in PyTorch.

    python3 labels.py --method attgan --side 32 --batch 96 --threads 2

Networks of the small sizes of the specification, two labels. A round of the first three is five
updates of the critic, each with a gradient penalty by second derivatives on images of its own, and
one of the generator; the batch, so many images of each domain, is cut into as many parts (StarGAN's
generator learns on the last of five). Prints one line of JSON: the best and the median seconds of a
round, images/s of the median, and the peak memory of the process.
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
p.add_argument("--method", choices=["attgan", "stargan", "stgan", "icgan", "icgan-encoders"], default="attgan")
for name, default in [("side", 32), ("base", 32), ("batch", 0), ("threads", 2), ("steps", 4)]:
    p.add_argument("--" + name, type=int, default=default)
o = p.parse_args()
torch.set_num_threads(o.threads)
torch.manual_seed(0)
LABELS = 2
half = lambda i, out, bias=False: nn.Conv2d(i, out, 4, 2, 1, bias=bias)
double = lambda i, out, bias=False: nn.ConvTranspose2d(i, out, 4, 2, 1, bias=bias)
maps = lambda y, x: y[:, :, None, None].expand(-1, -1, *x.shape[2:])
bn = lambda c: nn.BatchNorm2d(c, eps=1e-3, momentum=1e-3)


class AttGAN(nn.Module):
    gated = False

    def __init__(self):
        super().__init__()
        n = o.side.bit_length() - 3
        self.w = w = [min(1024, o.base << i) for i in range(n)]
        self.encoder = nn.ModuleList(nn.Sequential(half(i, out), bn(out), nn.LeakyReLU(0.2)) for i, out in zip([3] + w, w))
        stages, at = [], w[-1]
        for i in range(n):
            extra = LABELS if i == 0 else w[n - 1 - i] + LABELS if i == 1 or self.gated else 0
            out = 3 if i == n - 1 else w[n - 1 - i]
            stages.append(nn.Sequential(double(at + extra, out, True), nn.Tanh()) if out == 3 else nn.Sequential(double(at + extra, out), bn(out), nn.ReLU()))
            at = out
        self.decoder = nn.ModuleList(stages)

    def encode(self, x):
        z = []
        for s in self.encoder:
            x = s(x)
            z.append(x)
        return z

    def decode(self, z, y):
        x = self.decoder[0](torch.cat([z[-1], maps(y, z[-1])], 1))
        for i, s in enumerate(self.decoder[1:]):
            x = s(torch.cat([x, z[-2], maps(y, x)], 1) if i == 0 else x)
        return x

    def request(self, own, wanted):
        return 2 * wanted - 1

    def edit(self, x, y):
        return self.decode(self.encode(x), y)

    def learn(self, x, keep, y):
        z = self.encode(x)
        return self.decode(z, keep), self.decode(z, y)


class STGAN(AttGAN):
    gated = True

    def __init__(self):
        super().__init__()
        w, n = self.w, len(self.w)
        conv = lambda c: nn.Conv2d(2 * c, c, 3, 1, 1)
        self.units = nn.ModuleList(nn.ModuleDict({"up": double(below + LABELS, c, True), "reset": conv(c), "gate": conv(c), "content": conv(c)})
                                   for below, c in zip(w[:0:-1], w[n - 2 :: -1]))

    def request(self, own, wanted):
        return wanted - own

    def decode(self, z, y):
        state = torch.cat([z[-1], maps(y, z[-1])], 1)
        x = self.decoder[0](state)
        for u, s, f in zip(self.units, self.decoder[1:], z[-2::-1]):
            up = u["up"](state)
            both = torch.cat([f, up], 1)
            hidden = torch.sigmoid(u["reset"](both)) * up
            gate = torch.sigmoid(u["gate"](both))
            out = (1 - gate) * up + gate * torch.tanh(u["content"](torch.cat([f, hidden], 1)))
            state = torch.cat([hidden, maps(y, hidden)], 1)
            x = s(torch.cat([x, out, maps(y, out)], 1))
        return x


class Critic(nn.Module):
    def __init__(self, hidden=256):
        super().__init__()
        w = [min(1024, o.base << i) for i in range(o.side.bit_length() - 3)]
        self.trunk = nn.Sequential(*[l for i, out in zip([3] + w, w) for l in (half(i, out), nn.InstanceNorm2d(out, eps=1e-6, affine=True), nn.LeakyReLU(0.2))], nn.Flatten())
        head = lambda n: nn.Sequential(nn.Linear(16 * w[-1], hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, n))
        self.real, self.labels = head(1), head(LABELS)

    def forward(self, x):
        x = self.trunk(x)
        return self.real(x), self.labels(x)


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        conv, norm = lambda: nn.Conv2d(c, c, 3, 1, 1, bias=False), lambda: nn.InstanceNorm2d(c, affine=True)
        self.body = nn.Sequential(conv(), norm(), nn.ReLU(inplace=True), conv(), norm())

    def forward(self, x):
        return x + self.body(x)


class StarGAN(nn.Module):
    def __init__(self, blocks={64: 4}.get(o.side, 3)):
        super().__init__()
        w, stage = o.base, lambda l, c: [l, nn.InstanceNorm2d(c, affine=True), nn.ReLU(inplace=True)]
        self.net = nn.Sequential(*stage(nn.Conv2d(3 + LABELS, w, 7, 1, 3, bias=False), w), *stage(half(w, 2 * w), 2 * w), *stage(half(2 * w, 4 * w), 4 * w),
                                 *[Block(4 * w) for _ in range(blocks)], *stage(double(4 * w, 2 * w), 2 * w), *stage(double(2 * w, w), w),
                                 nn.Conv2d(w, 3, 7, 1, 3, bias=False), nn.Tanh())

    def request(self, own, wanted):
        return wanted

    def edit(self, x, y):
        return self.net(torch.cat([x, maps(y, x)], 1))

    def learn(self, x, keep, y):
        edited = self.edit(x, y)
        return self.edit(edited, keep), edited


class Patches(nn.Module):
    def __init__(self):
        super().__init__()
        w = [o.base << i for i in range(o.side.bit_length() - 2)]
        self.trunk = nn.Sequential(*[l for i, out in zip([3] + w, w) for l in (half(i, out, True), nn.LeakyReLU(0.01))])
        self.real, self.labels = nn.Conv2d(w[-1], 1, 3, 1, 1, bias=False), nn.Conv2d(w[-1], LABELS, 2, bias=False)

    def forward(self, x):
        x = self.trunk(x)
        return self.real(x), self.labels(x).flatten(1)


def own_labels(n):
    y = torch.zeros(n, LABELS)
    y[: n // 2, 0], y[n // 2 :, 1] = 1, 1
    return y


def rounds():
    """A round of critic and generator, and the images that it takes."""
    again = o.method == "stargan"
    g, d = {"attgan": (AttGAN, Critic), "stgan": (STGAN, Critic), "stargan": (StarGAN, Patches)}[o.method]
    g, d = g(), d()
    batch, parts = o.batch or (40 if again else 96), 5 if again else 6
    x = torch.rand(parts, 2 * batch // parts, 3, o.side, o.side) * 2 - 1
    own = own_labels(x.shape[1])
    of_g, of_d = (torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999)) for net in (g, d))
    rebuild, classes = (10, 1) if again else (100, 10)

    def step():
        for k in range(5):
            wanted = own[torch.randperm(len(own))]
            with torch.no_grad():
                edited = g.edit(x[k], g.request(own, wanted))
            share = torch.rand(len(own), 1, 1, 1)
            between = (share * x[k] + (1 - share) * edited).requires_grad_()
            slope, = torch.autograd.grad(d(between)[0].sum(), between, create_graph=True)
            real, logits = d(x[k])
            loss = d(edited)[0].mean() - real.mean() + 10 * ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean() + F.binary_cross_entropy_with_logits(logits, own)
            of_d.zero_grad()
            loss.backward()
            of_d.step()
            float(loss)
        wanted = own[torch.randperm(len(own))]
        kept, edited = g.learn(x[-1], g.request(own, own), g.request(own, wanted))
        real, logits = d(edited)
        loss = rebuild * F.l1_loss(kept, x[-1]) + classes * F.binary_cross_entropy_with_logits(logits, wanted) - real.mean()
        of_g.zero_grad()
        loss.backward()
        of_g.step()
        float(loss)

    return step, 2 * batch


def inverted():
    """A step of a phase of IcGAN, and the images that it takes."""
    batch, code, n = o.batch or 32, 64, o.side.bit_length() - 3
    generator = [nn.Unflatten(1, (code + LABELS, 1, 1)), nn.ConvTranspose2d(code + LABELS, o.base * o.side // 8, 4), nn.BatchNorm2d(o.base * o.side // 8), nn.ReLU()]
    at = o.base * o.side // 8
    for i in range(n - 2, -1, -1):
        generator += [double(at, o.base << i, True), nn.BatchNorm2d(o.base << i), nn.ReLU()]
        at = o.base << i
    generator = nn.Sequential(*generator, double(at, 3, True), nn.Tanh())
    image = nn.Sequential(half(3, o.base, True), nn.LeakyReLU(0.2))
    joint, at = [], o.base + LABELS
    for i in range(1, n):
        joint += [half(at, o.base << i, True), nn.BatchNorm2d(o.base << i), nn.LeakyReLU(0.2)]
        at = o.base << i
    joint = nn.Sequential(*joint, nn.Conv2d(at, 1, 4), nn.Flatten())
    judge = lambda x, y: (lambda h: joint(torch.cat([h, maps(y, h)], 1)))(image(x))

    def encoder(hidden, out, w=o.base // 2):
        net, at = [], 3
        for i in range(n):
            net += [nn.Conv2d(at, w << i, 5, 2, 2), nn.BatchNorm2d(w << i), nn.ReLU()]
            at = w << i
        return nn.Sequential(*net, nn.Flatten(), nn.Linear(16 * at, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, out))

    latent, labels = encoder(16 * (o.base // 2 << (n - 1)), code), encoder(128, LABELS)
    adam = lambda *nets: torch.optim.Adam([q for net in nets for q in net.parameters()], lr=2e-4, betas=(0.5, 0.999))
    of_g, of_d, of_e = adam(generator), adam(image, joint), adam(latent, labels)
    x, own = torch.rand(2 * batch, 3, o.side, o.side) * 2 - 1, 2 * own_labels(2 * batch) - 1
    bce = lambda logits, t: F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, t))

    def gan():
        asked = own[torch.randperm(len(own))]
        made = generator(torch.cat([torch.randn(len(own), code), asked], 1))
        loss = bce(judge(x, own), 1.0) + bce(judge(x, -own), 0.0) / 2 + bce(judge(made.detach(), asked), 0.0) / 2
        of_d.zero_grad()
        loss.backward()
        of_d.step()
        loss = bce(judge(made, asked), 1.0)
        of_g.zero_grad()
        loss.backward()
        of_g.step()
        float(loss)

    def invert():
        z = torch.randn(len(own), code)
        generator.eval()
        with torch.no_grad():
            made = generator(torch.cat([z, own], 1))
        loss = F.mse_loss(latent(made), z) + F.mse_loss(labels(x), own)
        of_e.zero_grad()
        loss.backward()
        of_e.step()
        float(loss)

    return (gan if o.method == "icgan" else invert), 2 * batch


step, images = inverted() if o.method.startswith("icgan") else rounds()
times = []
for _ in range(o.steps + 1):
    start = time.time()
    step()
    times.append(time.time() - start)
times = times[1:]
print(json.dumps({"torch": torch.__version__, "threads": o.threads, "seconds": min(times), "median": statistics.median(times),
                  "images_per_second": images / statistics.median(times), "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
