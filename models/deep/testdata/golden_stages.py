#!/usr/bin/env python3
"""Writes golden_stages.json beside itself: two steps, computed by PyTorch (1.13) in float64, of the methods whose step
is several updates or comes after other steps. Run: python3 golden_stages.py

Written from the specification of the methods, on the networks of golden.py.
"""
import importlib.util
import os

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("steps", os.path.join(HERE, "golden.py"))
G = importlib.util.module_from_spec(spec)
spec.loader.exec_module(G)
BATCH, CLASSES, SIDE, CLASSIFIER = G.BATCH, G.CLASSES, G.SIDE, G.CLASSIFIER
fill, layer, encode, classify, entropy = G.fill, G.layer, G.encode, G.classify, G.entropy


def image(name):
    return fill(name, (BATCH, 1, SIDE, SIDE), -1, 1)


def labels(step):
    return torch.tensor([(i + step) % CLASSES for i in range(BATCH)])


def decayed(progress):
    """To a tenth over the last half."""
    return min(1, 1 - 0.9 * (progress - 0.5) / 0.5)


class Updates:
    """Adam on some of the parameters, gradients clipped to a norm of 0.5; keeps the first gradients."""

    def __init__(self, out, p, trained, rate, betas=(0.9, 0.999)):
        self.out, self.rate, self.trained = out, rate, {k: p[k] for k in trained}
        self.adam = torch.optim.Adam(self.trained.values(), lr=rate, betas=betas)

    def __call__(self, loss, factor=1.0, retain=False):
        for v in self.trained.values():
            v.grad = None
        grads = torch.autograd.grad(loss, list(self.trained.values()), retain_graph=retain)
        for (k, v), g in zip(self.trained.items(), grads):
            v.grad = g.clone()
            self.out["gradients"].setdefault(k, g.clone())
        norm = torch.nn.utils.clip_grad_norm_(list(self.trained.values()), 0.5)
        for group in self.adam.param_groups:
            group["lr"] = self.rate * factor
        self.adam.step()
        return norm


def begin():
    return {"losses": {}, "gradients": {}}


def note(out, step, values):
    out["losses"].update({f"{k}/{step}": float(v) for k, v in values.items()})


def names(p, *prefixes):
    return [k for k, v in p.items() if v.requires_grad and k.startswith(prefixes)]


def drcn():
    p = {}
    for l in [("encoder/conv1", 16, 1, 5, 5), ("encoder/conv4", 32, 16, 5, 5), ("encoder/fc8", 128, 32), CLASSIFIER] + G.DECODER:
        p.update(layer(*l))
    out = begin()
    classification = Updates(out, p, names(p, "encoder/", "classifier/"), 3e-4)
    reconstruction = Updates(out, p, names(p, "encoder/", "decoder/"), 3e-4 * 0.5)
    for step in range(2):
        factor = decayed((step + 5) / 10)
        loss = F.cross_entropy(classify(p, encode(p, image(f"source/{step}"))), labels(step))
        norm = classification(loss, factor)
        x = image(f"target/{step}")
        made = ((G.decode(p, encode(p, x)) - x) ** 2).mean()
        reconstruction(made, factor)
        note(out, step, {"classification": loss, "gradient-norm": norm, "reconstruction": made})
    out["after"] = p
    return G.kept(out)


def judge(p, f):
    """A discriminator of one hidden layer."""
    return F.linear(F.relu(F.linear(f, p["discriminator/fc1/weight"], p["discriminator/fc1/bias"])), p["discriminator/fc3/weight"], p["discriminator/fc3/bias"])


def telling(u):
    _, named = G.domain_loss(u)
    return (named["domain/source"] + named["domain/target"]) / 2, named


def adda():
    """The source's encoder is as it was, by its running moments; the target's moves where the discriminator is right."""
    p = G.small_bn()
    for l in G.discriminator(CLASSES)[1:]:
        p.update(layer(*l))
    ours = {k: v.detach().clone() for k, v in p.items() if k.startswith("encoder/")}
    out = begin()
    telling_, moving = Updates(out, p, names(p, "discriminator/"), 2e-4, (0.5, 0.999)), Updates(out, p, names(p, "encoder/"), 1e-4, (0.5, 0.999))
    for step in range(2):
        s, t = image(f"source/{step}"), image(f"target/{step}")
        still = {k: v.clone() if k.endswith(("/mean", "/variance")) else v for k, v in p.items()}  # these moments are thrown away
        u = G.discriminate(p, torch.cat([classify(p, encode(ours, s)), classify(p, encode(still, t, True))]).detach())
        loss, named = telling(u)
        telling_(loss)
        u = G.discriminate(p, classify(p, encode(p, t, True)))
        confusion = F.binary_cross_entropy_with_logits(u, torch.ones_like(u))
        hits = (named["discriminator-hits/source"] + named["discriminator-hits/target"]) / 2
        moved = hits >= 0.4
        assert moved
        moving(confusion)
        note(out, step, {**named, "confusion": confusion, "moved": moved})
    out["after"] = {**p, **{"source/" + k: v for k, v in ours.items()}}
    return G.kept(out)


def with_average():
    """p-small-bn with a discriminator, and an average that is another network at first."""
    p = G.small_bn()
    mean = {}
    for k, v in p.items():
        low, high = (0.5, 1.5) if k.endswith(("/scale", "/variance")) else (-0.5, 0.5)
        mean[k] = fill("average/" + k, v.shape, low, high)
    for l in (("discriminator/fc1", 7, 128), ("discriminator/fc3", 1, 7)):
        p.update(layer(*l))
    return p, mean


def follow(mean, p, at):
    decay = min(0.998, (at + 2) / (at + 11))
    for k in mean:
        mean[k] = decay * mean[k] + (1 - decay) * p[k].detach() if p[k].requires_grad else p[k].detach().clone()


def soft(q, z):
    return -(q * torch.log_softmax(z, 1)).sum(1).mean()


def changed(p, batches, step, radius=2.0, probe=1.0):
    """What the network says of batches, each normalised by itself, and the batches changed for the worse."""
    still = lambda: {k: v.detach().clone() for k, v in p.items()}
    z = lambda xs: torch.cat([classify(q, encode(q, x, True)) for q, x in ((still(), x) for x in xs)])
    said = torch.softmax(z(batches), 1)
    count = sum(len(x) for x in batches)
    d = fill(f"virtual/{step}", (count, 1, SIDE, SIDE), -1, 1)
    d = d / d.flatten(1).norm(dim=1)[:, None, None, None] * probe
    d.requires_grad_(True)
    g, = torch.autograd.grad(soft(said, z([x + r for x, r in zip(batches, d.split(BATCH))])), d)
    r = g / g.flatten(1).norm(dim=1)[:, None, None, None] * radius
    return said.split(BATCH), [x + c for x, c in zip(batches, r.split(BATCH))]


def vada():
    p, mean = with_average()
    out = begin()
    network, discriminator = (Updates(out, p, names(p, *prefixes), 1e-3, (0.5, 0.999)) for prefixes in (("encoder/", "classifier/"), ("discriminator/",)))
    for step in range(2):
        at, s, t = step + 5, image(f"source/{step}"), image(f"target/{step}")
        factor = decayed(at / 10)
        still = {k: v.clone() if k.endswith(("/mean", "/variance")) else v for k, v in p.items()}
        loss, named = telling(judge(p, torch.cat([encode(still, s, True), encode(still, t, True)]).detach()))
        (qs, qt), (cs, ct) = changed(p, (s, t), at)
        discriminator(loss, factor)
        still = {k: v.clone() if k.endswith(("/mean", "/variance")) else v for k, v in p.items()}
        fs, ft = encode(still, s, True), encode(p, t, True)  # running moments follow the target
        z, zt = classify(p, fs), classify(p, ft)
        still = {k: v.clone() if k.endswith(("/mean", "/variance")) else v for k, v in p.items()}
        zcs, zct = classify(p, encode(still, cs, True)), classify(p, encode(still, ct, True))
        us, ut = judge(p, fs), judge(p, ft)
        values = {"classification": F.cross_entropy(z, labels(step)), "confusion/source": F.binary_cross_entropy_with_logits(us, torch.zeros_like(us)),
                  "confusion/target": F.binary_cross_entropy_with_logits(ut, torch.ones_like(ut)), "change/source": soft(qs, zcs), "change/target": soft(qt, zct),
                  "entropy": entropy(torch.softmax(zt, 1)).mean()}
        loss = values["classification"] + 0.2 * (values["confusion/source"] + values["confusion/target"]) + 0.8 * values["change/source"] + 0.3 * (values["change/target"] + values["entropy"])
        values["gradient-norm"] = network(loss, factor)
        follow(mean, p, at)
        note(out, step, {**values, **named})
    out["after"] = {**p, **{"average/" + k: v for k, v in mean.items()}}
    return G.kept(out)


def dirt_t():
    """From the average on, a teacher that is renewed at every step."""
    p, mean = with_average()
    with torch.no_grad():
        for k, v in mean.items():
            p[k].copy_(v)
    out = begin()
    network = Updates(out, p, names(p, "encoder/", "classifier/"), 5e-4, (0.5, 0.999))
    for step in range(2):
        at, t = step + 6, image(f"target/{step}")
        teacher = {k: v.clone() for k, v in mean.items()}
        with torch.no_grad():
            says = torch.softmax(classify(teacher, encode(teacher, t)), 1)
        (q,), (c,) = changed(p, (t,), at)
        z = classify(p, encode(p, t, True))
        still = {k: v.clone() if k.endswith(("/mean", "/variance")) else v for k, v in p.items()}
        values = {"entropy": entropy(torch.softmax(z, 1)).mean(), "change": soft(q, classify(p, encode(still, c, True))), "teacher": soft(says, z)}
        norm = network(0.3 * (values["entropy"] + values["change"]) + 0.6 * values["teacher"], decayed(step / 4))
        follow(mean, p, at)
        note(out, step, {**values, "gradient-norm": norm})
    out["after"] = {**p, **{"average/" + k: v for k, v in mean.items()}, **{"teacher/" + k: v for k, v in teacher.items()}}
    return G.kept(out)


def atdoc():
    """The memory holds the target's six images; the neighbours are two."""
    p = G.small_bn()
    out = begin()
    network = Updates(out, p, names(p, "encoder/", "classifier/"), 1e-3)
    rows = [5, 4, 3, 2, 1, 0]

    def read(x):
        with torch.no_grad():
            f = encode(p, x)
            return f, torch.softmax(classify(p, f), 1) ** 2
    f, q = read(image("refresh"))
    memory, says = f / f.norm(dim=1, keepdim=True), q / q.sum(0)
    for step in range(2):
        at, s, t = step + 5, image(f"source/{step}"), image(f"target/{step}")
        f, _ = read(t)
        cosines = f @ memory.T
        cosines[range(BATCH), rows] = -float("inf")
        w, y = says[cosines.topk(2).indices].mean(1).max(1)
        zs, zt = classify(p, encode(p, s, True)), classify(p, encode(p, t, True))
        neighbours = (w * F.cross_entropy(zt, y, reduction="none")).sum() / w.sum()
        loss = F.cross_entropy(zs, labels(step), label_smoothing=0.2) + 1.5 * at / 10 * neighbours
        values = {"classification": F.cross_entropy(zs, labels(step)), "smoothing": -torch.log_softmax(zs, 1).mean(), "neighbours": neighbours}
        values["gradient-norm"] = network(loss, decayed(at / 10))
        note(out, step, values)
        f, q = read(t)
        memory[rows], says[rows] = f / f.norm(dim=1, keepdim=True), q / q.sum(0)
    out["after"] = p
    out["memory"] = {"features": memory, "predictions": says}
    return G.kept(out)


out = {"about": "training steps by PyTorch " + torch.__version__ + " in float64, made by golden_stages.py"}
for name, of in (("drcn", drcn), ("adda", adda), ("vada", vada), ("dirt-t", dirt_t), ("atdoc", atdoc)):
    out[name] = of()
G.write(os.path.join(HERE, "golden_stages.json"), out, lambda t: t)
