#!/usr/bin/env python3
"""Times a training step of DRIT, or of DRIT++ with --seeking, in PyTorch.

    python3 drit.py --side 32 --base 32 --blocks 2 --halvings 2 --width 32 --stages 3 --scales 1 --batch 16 --threads 2

Networks and step written from the specification, as the released code runs them: one pass forward,
then the discriminators, then all losses with encoded and all with random attributes back through
that pass. Half of a batch is encoded. The content discriminator also learns alone, twice, as in
the iterations between two full ones. Prints one line of JSON as step.py does.
"""
import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F

from munit import Patches, Residual, conv, report


class Attribute(nn.Module):
    def __init__(self, o):
        super().__init__()
        self.first = conv(o.channels, o.base, 4, 2)
        self.bodies, self.ways = nn.ModuleList(), nn.ModuleList()
        for i in range(o.halvings):
            a, b = (i + 1) * o.base, (i + 2) * o.base
            self.bodies.append(nn.Sequential(nn.LeakyReLU(0.2), conv(a, a, 3, 1), nn.LeakyReLU(0.2, inplace=True), conv(a, b, 3, 1), nn.AvgPool2d(2)))
            self.ways.append(nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(a, b, 1)))
        self.mean, self.spread = nn.Linear((o.halvings + 1) * o.base, o.style), nn.Linear((o.halvings + 1) * o.base, o.style)

    def forward(self, x):
        x = self.first(x)
        for body, way in zip(self.bodies, self.ways):
            x = body(x) + way(x)
        x = F.leaky_relu(x, 0.2).mean((2, 3))
        return self.mean(x), self.spread(x)


class Layer(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.gamma, self.beta = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        return F.layer_norm(x, x.shape[1:]) * self.gamma.view(1, -1, 1, 1) + self.beta.view(1, -1, 1, 1)


class Generator(nn.Module):
    def __init__(self, o):
        super().__init__()
        w = 4 * o.base + o.style
        self.blocks = nn.Sequential(*[Residual(w) for _ in range(o.blocks)])
        self.up = nn.ModuleList()
        for _ in range(2):
            out = (w + o.style) // 2
            self.up.append(nn.Sequential(nn.ConvTranspose2d(w + o.style, out, 3, 2, 1, 1), Layer(out), nn.ReLU(inplace=True)))
            w = out
        self.last = nn.Sequential(nn.ConvTranspose2d(w + o.style, o.channels, 1), nn.Tanh())

    def forward(self, x, z):
        beside = lambda x: torch.cat([x, z[:, :, None, None].expand(-1, -1, *x.shape[2:])], 1)
        x = self.blocks(beside(x))
        for up in self.up:
            x = up(beside(x))
        return self.last(beside(x))


def bce(verdicts, target):
    verdicts = verdicts if isinstance(verdicts, list) else [verdicts]
    return sum(F.binary_cross_entropy_with_logits(v, torch.full_like(v, target)) for v in verdicts)


p = argparse.ArgumentParser()
for name, default in [("side", 32), ("channels", 3), ("batch", 16), ("base", 32), ("blocks", 2), ("style", 8), ("halvings", 2), ("width", 32), ("stages", 3), ("scales", 1),
                      ("updates", 3), ("threads", 2), ("steps", 5)]:
    p.add_argument("--" + name, type=int, default=default)
p.add_argument("--seeking", action="store_true")
o = p.parse_args()
torch.set_num_threads(o.threads)
torch.manual_seed(0)
b, w, n = o.base, 4 * o.base, o.batch // 2
branch = [nn.Sequential(conv(o.channels, b, 7, 1), nn.LeakyReLU(inplace=True), conv(b, 2 * b, 3, 2), nn.InstanceNorm2d(2 * b), nn.ReLU(inplace=True),
                        conv(2 * b, w, 3, 2), nn.InstanceNorm2d(w), nn.ReLU(inplace=True), *[Residual(w) for _ in range(o.blocks)]) for _ in range(2)]
tail, share = Residual(w), Residual(w)
attribute, generator = [Attribute(o) for _ in range(2)], [Generator(o) for _ in range(2)]
judge, judge2 = ([Patches(o.channels, o.width, o.stages, o.scales, 0.01) for _ in range(2)] for _ in range(2))
layers, side = [], o.side // 4
while side >= 8:
    layers, side = layers + [conv(w, w, 4, 2), nn.LeakyReLU(inplace=True)], side // 2
content = nn.Sequential(*layers, nn.Conv2d(w, w, 4), nn.LeakyReLU(inplace=True), nn.Conv2d(w, 1, 1))
params = lambda *nets: [q for net in nets for q in net.parameters()]
adam = lambda of, rate=1e-4: torch.optim.Adam(of, lr=rate, betas=(0.5, 0.999), weight_decay=1e-4)
making, reading = adam(params(*branch, tail, share, *generator)), adam(params(*attribute))
judging, content_judging = adam(params(*judge, *judge2)), adam(params(content), 4e-5)
images = [torch.rand(o.batch, o.channels, o.side, o.side) * 2 - 1 for _ in range(2)]


def encode(x):
    c = tail(torch.cat([branch[0](x[0]), branch[1](x[1])]))
    return torch.chunk(c + torch.randn_like(c), 2)


def generate(d, c, z):
    return generator[d](share(c), z)


def judge_content(c):
    content_judging.zero_grad()
    (bce(content(c[0].detach()), 0.0) + bce(content(c[1].detach()), 1.0)).backward()
    nn.utils.clip_grad_norm_(content.parameters(), 5)
    content_judging.step()


def sample(law):
    return law[0] + torch.randn_like(law[0]) * torch.exp(law[1] / 2)


def step():
    x, rest = [v[:n] for v in images], [v[n:] for v in images]
    for _ in range(o.updates - 1):
        with torch.no_grad():
            c = encode(rest)
        judge_content(c)
    z = [torch.randn(n, o.style) for _ in range(2 if o.seeking else 1)]
    c, law = encode(x), [attribute[d](x[d]) for d in range(2)]
    za = [sample(law[d]) for d in range(2)]
    # as the released code: all of a generator's images as one batch
    made = []
    for d in range(2):
        of = torch.cat([c[d]] + [c[1 - d]] * (1 + len(z)))
        made.append(torch.split(generate(d, of, torch.cat([za[d], za[d], *z])), n))
    back = encode([made[0][1], made[1][1]])
    again = [attribute[d](made[d][1]) for d in range(2)]
    judging.zero_grad()
    loss = 0
    for d in range(2):
        loss = loss + bce(judge[d](made[d][1].detach()), 0.0) + bce(judge[d](x[d]), 1.0)
        for f in made[d][2:]:
            loss = loss + bce(judge2[d](f.detach()), 0.0) + bce(judge2[d](rest[d]), 1.0)
    loss.backward()
    judging.step()
    judge_content(c)
    loss, more = 0, 0
    for d in range(2):
        crossed = generate(d, back[1 - d], sample(again[d]))
        loss = loss + 10 * F.l1_loss(crossed, x[d]) + 10 * F.l1_loss(made[d][0], x[d]) + bce(judge[d](made[d][1]), 1.0) + bce(content(c[d]), 0.5)
        loss = loss - 0.005 * (1 + law[d][1] - law[d][0] ** 2 - torch.exp(law[d][1])).sum() + 0.01 * (c[d] ** 2).mean()
        for f in made[d][2:]:
            more = more + bce(judge2[d](f), 1.0)
        more = more + 10 * F.l1_loss(attribute[d](made[d][2])[0], z[0])
        if o.seeking:
            more = more + 1 / ((made[d][3] - made[d][2]).abs().mean() / (z[1] - z[0]).abs().mean() + 1e-5)
    making.zero_grad(), reading.zero_grad()
    second = torch.autograd.grad(more, params(*branch, tail, share, *generator), retain_graph=True)
    loss.backward()
    making.step(), reading.step()
    for q, g in zip(params(*branch, tail, share, *generator), second):
        q.grad.copy_(g)
    making.step()
    return float(loss)


report(o, step, making)
