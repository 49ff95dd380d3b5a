#!/usr/bin/env python3
"""Times a training step of MUNIT in PyTorch.

    python3 munit.py --side 32 --base 32 --blocks 2 --mlp 128 --halvings 3 --width 32 --stages 3 --scales 1 --batch 16 --threads 2

Networks and step written from the specification, as the released code runs them: each domain by
itself, translations with random styles for the discriminators first, then the generators with
other styles, a reconstruction and a translation each. Prints one line of JSON as step.py does.
"""
import argparse
import json
import resource
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


def conv(inp, out, kernel, stride):
    return nn.Conv2d(inp, out, kernel, stride, (kernel - 1) // 2, padding_mode="reflect")


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(conv(channels, channels, 3, 1), nn.InstanceNorm2d(channels), nn.ReLU(inplace=True),
                                  conv(channels, channels, 3, 1), nn.InstanceNorm2d(channels))

    def forward(self, x):
        return x + self.body(x)


class LayerNorm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.gamma, self.beta = nn.Parameter(torch.rand(channels)), nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        flat = x.view(x.size(0), -1)
        x = (x - flat.mean(1).view(-1, 1, 1, 1)) / (flat.std(1).view(-1, 1, 1, 1) + 1e-5)
        return x * self.gamma.view(1, -1, 1, 1) + self.beta.view(1, -1, 1, 1)


class Decoder(nn.Module):
    """Residual blocks by adaptive norms, two doublings, and what makes shifts and gains of a style."""

    def __init__(self, width, blocks, style, mlp, channels):
        super().__init__()
        self.width = width
        self.mlp = nn.Sequential(nn.Linear(style, mlp), nn.ReLU(inplace=True), nn.Linear(mlp, mlp), nn.ReLU(inplace=True), nn.Linear(mlp, 4 * blocks * width))
        self.convs = nn.ModuleList([conv(width, width, 3, 1) for _ in range(2 * blocks)])
        up = []
        for inp in (width, width // 2):
            up += [nn.Upsample(scale_factor=2), conv(inp, inp // 2, 5, 1), LayerNorm(inp // 2), nn.ReLU(inplace=True)]
        self.up = nn.Sequential(*up, conv(width // 4, channels, 7, 1), nn.Tanh())

    def forward(self, x, style):
        rows, n = self.mlp(style), self.width
        for i in range(0, len(self.convs), 2):
            y = x
            for k in (i, i + 1):
                at = 2 * k * n
                y = self.convs[k](y).contiguous().view(1, -1, *x.shape[2:])
                # as the released code: batch norm of all channels of all images, weights per image
                y = F.batch_norm(y, None, None, rows[:, at + n:at + 2 * n].contiguous().view(-1), rows[:, at:at + n].contiguous().view(-1), True).view(x.shape)
                if k == i:
                    y = F.relu(y, inplace=True)
            x = x + y
        return self.up(x)


class Patches(nn.Module):
    def __init__(self, channels, width, stages, scales, slope=0.2):
        super().__init__()
        self.nets = nn.ModuleList()
        for _ in range(scales):
            layers, inp = [], channels
            for i in range(stages):
                layers += [conv(inp, width << i, 4, 2), nn.LeakyReLU(slope, inplace=True)]
                inp = width << i
            self.nets.append(nn.Sequential(*layers, nn.Conv2d(inp, 1, 1)))

    def forward(self, x):
        out = []
        for net in self.nets:
            out.append(net(x))
            x = F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)
        return out


def encoders(o):
    b = o.base
    content = [conv(o.channels, b, 7, 1), nn.InstanceNorm2d(b), nn.ReLU(inplace=True), conv(b, 2 * b, 4, 2), nn.InstanceNorm2d(2 * b), nn.ReLU(inplace=True),
               conv(2 * b, 4 * b, 4, 2), nn.InstanceNorm2d(4 * b), nn.ReLU(inplace=True)] + [Residual(4 * b) for _ in range(o.blocks)]
    style, inp = [conv(o.channels, b, 7, 1), nn.ReLU(inplace=True)], b
    for i in range(o.halvings):
        style += [conv(inp, b << min(i + 1, 2), 4, 2), nn.ReLU(inplace=True)]
        inp = b << min(i + 1, 2)
    return nn.Sequential(*content), nn.Sequential(*style, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inp, o.style))


def report(o, step, making):
    times = []
    for _ in range(o.steps + 1):
        start = time.time()
        step()
        times.append(time.time() - start)
    times = times[1:]
    median = statistics.median(times)
    print(json.dumps({"torch": torch.__version__, "threads": o.threads, "parameters": sum(q.numel() for g in making.param_groups for q in g["params"]),
                      "seconds": min(times), "median": median, "images_per_second": 2 * o.batch / median, "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def squares(verdicts, target):
    return sum(((v - target) ** 2).mean() for v in verdicts)


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    for name, default in [("side", 32), ("channels", 3), ("batch", 16), ("base", 32), ("blocks", 2), ("mlp", 128), ("style", 8), ("halvings", 3), ("width", 32), ("stages", 3),
                          ("scales", 1), ("threads", 2), ("steps", 5)]:
        p.add_argument("--" + name, type=int, default=default)
    o = p.parse_args()
    torch.set_num_threads(o.threads)
    torch.manual_seed(0)
    content, style = zip(*[encoders(o) for _ in range(2)])
    decode = [Decoder(4 * o.base, o.blocks, o.style, o.mlp, o.channels) for _ in range(2)]
    judge = [Patches(o.channels, o.width, o.stages, o.scales) for _ in range(2)]
    made_of = lambda *nets: [q for net in nets for q in net.parameters()]
    making = torch.optim.Adam(made_of(*content, *style, *decode), lr=1e-4, betas=(0.5, 0.999), weight_decay=1e-4)
    judging = torch.optim.Adam(made_of(*judge), lr=1e-4, betas=(0.5, 0.999), weight_decay=1e-4)
    x = [torch.rand(o.batch, o.channels, o.side, o.side) * 2 - 1 for _ in range(2)]

    def step():
        s = [torch.randn(o.batch, o.style) for _ in range(2)]
        judging.zero_grad()
        with torch.no_grad():
            made = [decode[d](content[1 - d](x[1 - d]), s[d]) for d in range(2)]
        loss = sum(squares(judge[d](made[d]), 0) + squares(judge[d](x[d]), 1) for d in range(2))
        loss.backward()
        judging.step()
        s = [torch.randn(o.batch, o.style) for _ in range(2)]
        making.zero_grad()
        c, own = [content[d](x[d]) for d in range(2)], [style[d](x[d]) for d in range(2)]
        back = [decode[d](c[d], own[d]) for d in range(2)]
        made = [decode[d](c[1 - d], s[d]) for d in range(2)]
        loss = 0
        for d in range(2):
            loss = loss + 10 * F.l1_loss(back[d], x[d]) + F.l1_loss(style[d](made[d]), s[d]) + F.l1_loss(content[d](made[d]), c[1 - d]) + squares(judge[d](made[d]), 1)
        loss.backward()
        making.step()
        return float(loss)

    report(o, step, making)
