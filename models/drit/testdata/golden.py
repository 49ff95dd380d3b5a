#!/usr/bin/env python3
"""Writes golden.json and golden_seeking.json beside itself: one training step of a small DRIT and
of a small DRIT++ at 32 pixels, computed by PyTorch (1.13) in float64. Run: python3 golden.py

Written anew from the specification; the gradients of both updates of content encoders and
generators are of the same weights. Parameters, images and noise are not kept: fill() makes them from names, here and
in the test.
"""
import os
import sys

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../internal/golden"))
import golden as shared  # noqa: E402

SIDE, COUNT, BASE, BLOCKS, HALVINGS, STYLE, WIDTH, STAGES, SCALES, UPDATES = 32, 2, 3, 1, 2, 2, 3, 2, 2, 2
WEIGHTS = {"cross": 10.0, "self": 8.0, "adversarial": 1.2, "content": 0.7, "divergence": 0.05, "size": 0.02, "latent": 9.0, "seeking": 0.5}
OF = {"content-adversarial": "content", "random-adversarial": "adversarial", "random-adversarial-again": "adversarial"}
RATE, DECAY, CLIP = 1e-3, 0.01, 0.05
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


def leaky(x):
    return F.leaky_relu(x, 0.01)


def block(n, x):
    y = F.relu(norm(conv(n + "/conv1", x, x.shape[1], 3, 1, 1)))
    return x + norm(conv(n + "/conv3", y, x.shape[1], 3, 1, 1))


def contents(x, noise):
    out = []
    for d in "ab":
        n = d + "/content/"
        y = leaky(conv(n + "conv1", x[d], BASE, 7, 1, 3))
        y = F.relu(norm(conv(n + "conv3", y, 2 * BASE, 3, 2, 1)))
        y = F.relu(norm(conv(n + "conv5", y, 4 * BASE, 3, 2, 1)))
        for i in range(BLOCKS):
            y = block(f"{n}residual{7 + i}", y)
        out.append(block("content/residual1", y))
    half = len(noise) // 2
    return {"a": out[0] + noise[:half], "b": out[1] + noise[half:]}


def attributes(d, x):
    y = conv(d + "/attribute/conv1", x, BASE, 4, 2, 1)
    for i in range(HALVINGS):
        n = f"{d}/attribute/residual{2 + i}"
        z = conv(n + "/conv2", F.leaky_relu(y, 0.2), y.shape[1], 3, 1, 1)
        z = F.avg_pool2d(conv(n + "/conv4", F.leaky_relu(z, 0.2), (i + 2) * BASE, 3, 1, 1), 2)
        y = z + conv(n + "/shortcut/conv2", F.avg_pool2d(y, 2), (i + 2) * BASE, 1, 1, 0)
    y = F.leaky_relu(y, 0.2).mean((2, 3))
    return linear(d + "/attribute-mean/fc1", y, STYLE), linear(d + "/attribute-spread/fc1", y, STYLE)


def sample(law, eps):
    return law[0] + eps * torch.exp(law[1] / 2)


def beside(x, z):
    return torch.cat([x, z[:, :, None, None].expand(-1, -1, *x.shape[2:])], 1)


def layer_norm(name, x):
    affine = parameter(name + "/affine", (2, x.shape[1]), 0.2, 1)
    y = F.layer_norm(x, x.shape[1:], eps=1e-5)
    return y * affine[0].view(1, -1, 1, 1) + affine[1].view(1, -1, 1, 1)


def generate(d, c, z):
    n, x = d + "/generator/", beside(block("generator/residual1", c), z)
    k = 2
    for _ in range(BLOCKS):
        x = block(f"{n}residual{k}", x)
        k += 1
    for _ in range(2):
        x = beside(x, z)
        out = x.shape[1] // 2
        w, bias = parameter(f"{n}deconv{k + 1}/weight", (x.shape[1], out, 3, 3)), parameter(f"{n}deconv{k + 1}/bias", (out,))
        x = F.relu(layer_norm(f"{n}norm{k + 2}", F.conv_transpose2d(x, w, bias, stride=2, padding=1, output_padding=1)))
        k += 3
    x = beside(x, z)
    w, bias = parameter(f"{n}deconv{k + 1}/weight", (x.shape[1], 3, 1, 1)), parameter(f"{n}deconv{k + 1}/bias", (3,))
    return torch.tanh(F.conv_transpose2d(x, w, bias))


def judge(n, x):
    out = []
    for k in range(SCALES):
        s, y = f"{n}/scale{k + 1}/", x
        for i in range(STAGES):
            y = leaky(conv(f"{s}conv{1 + 2 * i}", y, WIDTH << i, 4, 2, 1))
        out.append(conv(f"{s}conv{1 + 2 * STAGES}", y, 1, 1, 1, 0))
        x = F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)
    return out


def judge_content(c):
    n, w = "content-discriminator/", 4 * BASE
    y = leaky(conv(n + "conv1", c, w, 4, 2, 1))
    y = leaky(conv(n + "conv3", y, w, 4, 1, 0))
    return conv(n + "conv5", y, 1, 1, 1, 0)


def bce(verdicts, target):
    verdicts = verdicts if isinstance(verdicts, list) else [verdicts]
    return sum(F.binary_cross_entropy_with_logits(v, torch.full_like(v, target)) for v in verdicts)


def adam(prefixes, rate):
    return torch.optim.Adam([v for k, v in params.items() if any(k.startswith(p) for p in prefixes)], lr=rate, betas=(0.5, 0.999), weight_decay=DECAY)


def gradients_of(prefixes):
    return {k: v.grad.clone() for k, v in params.items() if any(k.startswith(p) for p in prefixes)}


MAKERS, READERS = ["a/content/", "b/content/", "content/", "generator/", "a/generator/", "b/generator/"], ["a/attribute", "b/attribute"]
JUDGES, CONTENT = ["a/discriminator", "b/discriminator"], ["content-discriminator/"]


def step(draws):
    params.clear()
    other = {"a": "b", "b": "a"}
    half = dict(zip("ab", (slice(0, COUNT), slice(COUNT, 2 * COUNT))))
    image = {d: fill("images/" + d, (2 * COUNT, 3, SIDE, SIDE), -1, 1) for d in "ab"}
    x, rest = {d: v[:COUNT] for d, v in image.items()}, {d: v[COUNT:] for d, v in image.items()}
    code = (2 * COUNT, 4 * BASE, SIDE // 4, SIDE // 4)
    noise = {n: fill("noise/" + n, code if n.startswith("content") else (2 * COUNT, STYLE), -1.5, 1.5)
             for n in ["content", "content-again", "attribute", "attribute-again", "content-alone/0"]}
    z = torch.chunk(fill("random", (draws * COUNT, STYLE), -1.5, 1.5), draws)

    with torch.no_grad():  # makes the parameters
        alone = contents(rest, noise["content-alone/0"])
        c = contents(x, noise["content"])
        za = {d: sample(attributes(d, x[d]), noise["attribute"][half[d]]) for d in "ab"}
        made = {d: generate(d, c[other[d]], za[d]) for d in "ab"}
        drawn = {d: [generate(d, c[other[d]], r) for r in z] for d in "ab"}
        judge_content(c["a"])
        for d in "ab":
            judge(d + "/discriminator", made[d]), judge(d + "/discriminator-random", made[d])
    makers, readers, judges, content = adam(MAKERS, RATE), adam(READERS, RATE), adam(JUDGES, RATE), adam(CONTENT, RATE / 2.5)
    losses, gradients = {}, {}

    def judged_content(codes):
        content.zero_grad()
        terms = {"content-discriminator/" + d: bce(judge_content(codes[d]), float(d == "b")) for d in "ab"}
        sum(terms.values()).backward()
        torch.nn.utils.clip_grad_norm_([p for g in content.param_groups for p in g["params"]], CLIP)
        content.step()
        return terms

    for _ in range(UPDATES - 1):
        judged_content(alone)
    cost = 0
    for d in "ab":
        n = d + "/discriminator"
        losses["discriminator-made/" + d], losses["discriminator-real/" + d] = bce(judge(n, made[d]), 0.0), bce(judge(n, x[d]), 1.0)
        cost = cost + losses["discriminator-made/" + d] + losses["discriminator-real/" + d]
        apart = [bce(judge(n + "-random", f), 0.0) for f in drawn[d]]
        losses["discriminator-random-made/" + d] = sum(apart) / draws
        losses["discriminator-random-real/" + d] = bce(judge(n + "-random", rest[d]), 1.0)
        cost = cost + sum(apart) + draws * losses["discriminator-random-real/" + d]
    judges.zero_grad()
    cost.backward()
    gradients.update(gradients_of(JUDGES))
    judges.step()
    losses.update(judged_content(c))

    c = contents(x, noise["content"])
    law = {d: attributes(d, x[d]) for d in "ab"}
    za = {d: sample(law[d], noise["attribute"][half[d]]) for d in "ab"}
    u = {d: generate(d, c[other[d]], za[d]) for d in "ab"}
    back = contents(u, noise["content-again"])
    terms = {}
    for d in "ab":
        zb = sample(attributes(d, u[d]), noise["attribute-again"][half[d]])
        terms["cross/" + d] = F.l1_loss(generate(d, back[other[d]], zb), x[d])
        terms["self/" + d] = F.l1_loss(generate(d, c[d], za[d]), x[d])
        terms["adversarial/" + d] = bce(judge(d + "/discriminator", u[d]), 1.0)
        terms["content-adversarial/" + d] = bce(judge_content(c[d]), 0.5)
        mean, spread = law[d]
        terms["divergence/" + d] = -0.5 * (1 + spread - mean ** 2 - torch.exp(spread)).sum()
        terms["size/" + d] = (c[d] ** 2).mean()
    weight = lambda k: WEIGHTS[OF.get(k.split("/")[0], k.split("/")[0])]
    more = {}
    for d in "ab":
        f = [generate(d, c[other[d]], r) for r in z]
        more["random-adversarial/" + d] = bce(judge(d + "/discriminator-random", f[0]), 1.0)
        if draws == 2:
            more["random-adversarial-again/" + d] = bce(judge(d + "/discriminator-random", f[1]), 1.0)
            more["seeking/" + d] = 1 / ((f[1] - f[0]).abs().mean() / (z[1] - z[0]).abs().mean() + 1e-5)
        more["latent/" + d] = F.l1_loss(attributes(d, f[0])[0], z[0])
    makers.zero_grad(), readers.zero_grad()
    sum(weight(k) * v for k, v in more.items()).backward(retain_graph=True)
    again = gradients_of(MAKERS)
    makers.zero_grad(), readers.zero_grad()
    sum(weight(k) * v for k, v in terms.items()).backward()
    gradients.update(gradients_of(MAKERS + READERS))
    makers.step(), readers.step()
    for k, v in again.items():
        params[k].grad.copy_(v)
        gradients[k + "/again"] = v
    makers.step()
    losses.update(terms), losses.update(more)
    return {"about": "one training step by PyTorch " + torch.__version__ + " in float64, made by golden.py", "side": SIDE, "count": COUNT,
            "options": {"base": BASE, "blocks": BLOCKS, "halvings": HALVINGS, "style": STYLE, "content_updates": UPDATES, "discriminator.width": WIDTH,
                        "discriminator.stages": STAGES, "discriminator.scales": SCALES},
            "weights": WEIGHTS, "rate": RATE, "decay": DECAY, "clip": CLIP, "losses": {k: float(v) for k, v in losses.items()},
            "forward": {"made/" + d: made[d] for d in "ab"}, "gradients": gradients, "after": dict(params)}


if __name__ == "__main__":
    for draws, name in ((1, "golden.json"), (2, "golden_seeking.json")):
        shared.write(os.path.join(HERE, name), step(draws), shared.sampled)
