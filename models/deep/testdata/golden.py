#!/usr/bin/env python3
"""Writes golden.json beside itself: two training steps of every recipe on the p-small
network at 16 pixels, computed by PyTorch (1.13) in float64. Run: python3 golden.py

Written from the specification of the methods. Parameters and images are not kept: fill()
makes them from names, here and in the test.
"""
import math
import os
import sys

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../internal/golden"))
from golden import fill, sampled, write  # noqa: E402

BATCH, CLASSES, SIDE, STEPS, ITERATIONS, UNITS, TOP, RANDOM = 6, 3, 16, 2, 10, 40, 12, 32


def layer(name, *shape):
    fan = 1
    for s in shape[1:]:
        fan *= s
    bound = fan ** -0.5
    weight = fill(name + "/weight", shape, -bound, bound)
    if "projection" in name:  # never trained, without bias
        return {name + "/weight": weight}
    return {name + "/weight": torch.nn.Parameter(weight),
            name + "/bias": torch.nn.Parameter(fill(name + "/bias", shape[1:2] if "deconv" in name else shape[:1], -bound, bound))}


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        return -ctx.factor * grad, None


def norm(p, name, x, training):
    """Batch normalisation, where the network has it; training moves the running moments."""
    if name + "/scale" not in p:
        return x
    return F.batch_norm(x, p[name + "/mean"], p[name + "/variance"], p[name + "/scale"], p[name + "/shift"], training, 0.1, 1e-5)


def encode(p, x, training=False):
    shift = 1 if "encoder/norm2/scale" in p else 0
    x = F.conv2d(x, p["encoder/conv1/weight"], p["encoder/conv1/bias"])
    x = F.max_pool2d(F.relu(norm(p, "encoder/norm2", x, training)), 2)
    conv, fc = f"encoder/conv{4 + shift}", f"encoder/fc{8 + 2 * shift}"
    x = F.conv2d(x, p[conv + "/weight"], p[conv + "/bias"])
    x = F.max_pool2d(F.relu(norm(p, "encoder/norm6", x, training)), 2)
    x = F.relu(norm(p, "encoder/norm11", F.linear(x.flatten(1), p[fc + "/weight"], p[fc + "/bias"]), training))
    if "encoder/fc10/weight" in p and not shift:
        x = torch.tanh(F.linear(x, p["encoder/fc10/weight"], p["encoder/fc10/bias"]))
    return x


def classify(p, f):
    return F.linear(f, p["classifier/fc1/weight"], p["classifier/fc1/bias"])


def discriminate(p, f):
    f = F.relu(F.linear(f, p["discriminator/fc1/weight"], p["discriminator/fc1/bias"]))
    f = F.relu(F.linear(f, p["discriminator/fc3/weight"], p["discriminator/fc3/bias"]))
    return F.linear(f, p["discriminator/fc5/weight"], p["discriminator/fc5/bias"])


def ramp(progress):
    return 2 / (1 + math.exp(-10 * progress)) - 1


def linear(progress, warmup):
    return min(1, (progress - warmup) / 0.2)


def dann(p, s, t, z, progress):
    """Domain loss over both domains, source 1; the encoder sees it reversed."""
    factor = 0.7 * ramp(progress)
    return domain_loss(discriminate(p, Reverse.apply(torch.cat([s, t]), factor)))


def domain_loss(u, w=None):
    """The mean over both domains, with weights of the images; and what is reported."""
    y = torch.cat([torch.ones(BATCH, 1), torch.zeros(BATCH, 1)]).double()
    half = lambda v, label: F.binary_cross_entropy_with_logits(v, torch.full_like(v, label))
    hits = {"discriminator-hits/source": (u[:BATCH] > 0).double().mean(), "discriminator-hits/target": (u[BATCH:] <= 0).double().mean()}
    if w is None:
        return F.binary_cross_entropy_with_logits(u, y), {"domain/source": half(u[:BATCH], 1.0), "domain/target": half(u[BATCH:], 0.0), **hits}
    loss = (w * F.binary_cross_entropy_with_logits(u, y, reduction="none")).mean()
    return loss, {"domain": loss, **hits}


def joint(p, s, t, z, factor):
    """The discriminator's logits of features (reversed) and predictions (held)."""
    f = Reverse.apply(torch.cat([s, t]), factor)
    q = torch.softmax(torch.cat([z, classify(p, t)]), 1).detach()
    if "map/features/projection1/weight" in p:
        h = (f @ p["map/features/projection1/weight"].T) * (q @ p["map/classes/projection1/weight"].T) / RANDOM ** 0.5
    else:
        h = torch.einsum("ik,id->ikd", q, f).flatten(1)
    return discriminate(p, h), q


def cdan(p, s, t, z, progress):
    u, _ = joint(p, s, t, z, 0.7 * ramp((progress - 0.1) / 0.9))
    return domain_loss(u)


def cdan_e(p, s, t, z, progress):
    u, q = joint(p, s, t, z, 0.7 * ramp((progress - 0.3) / 0.7))
    w = 1 + torch.exp(-entropy(q))
    return domain_loss(u, (w / w.mean())[:, None])


def spectral(s, t):
    top = lambda f: torch.linalg.svdvals(f)[0] ** 2
    return {"top-singular/source": top(s), "top-singular/target": top(t)}


def dann_bsp(p, s, t, z, progress):
    loss, named = dann(p, s, t, z, progress)
    more = spectral(s, t)
    return loss + 0.05 * sum(more.values()), {**named, **more}


def cdan_bsp(p, s, t, z, progress):
    loss, named = cdan(p, s, t, z, progress)
    more = spectral(s, t)
    return loss + 0.02 * sum(more.values()), {**named, **more}


def mdd(p, s, t, z, progress):
    factor = 0.5 * ramp((progress - 0.1) / 0.9)
    f = Reverse.apply(torch.cat([s, t]), factor)
    f = F.relu(F.linear(f, p["adversary/fc1/weight"], p["adversary/fc1/bias"]))
    u = F.linear(f, p["adversary/fc3/weight"], p["adversary/fc3/bias"])
    agree = F.cross_entropy(u[:BATCH], z.argmax(1))
    chosen = torch.softmax(u[BATCH:], 1).gather(1, classify(p, t).argmax(1, keepdim=True))
    disagree = -torch.log(1 - chosen).mean()
    return 0.7 * (3 * agree + disagree), {"agreement/source": agree, "disagreement/target": disagree}


def deep_coral(p, s, t, z, progress):
    """Covariances over n - 1; what is printed divides by n."""
    cov = lambda f: (f - f.mean(0)).T @ (f - f.mean(0)) / (len(f) - 1)
    loss = ((cov(s) - cov(t)) ** 2).sum()
    return 0.2 * loss, {"covariance": loss * ((BATCH - 1) / BATCH) ** 2}


def coral_of_logits(p, s, t, z, progress):
    loss, named = deep_coral(p, z, classify(p, t), z, progress)
    return 2000 * loss, named


def homm(p, s, t, z, progress):
    """Third central moments by their tensors, mean over the entries."""
    def tensor(f):
        f = f - f.mean(0)
        return torch.einsum("ia,ib,ic->abc", f, f, f) / len(f)
    loss = ((tensor(s) - tensor(t)) ** 2).mean()
    return 5e3 * loss, {"moments": loss * TOP ** 3}


def gaussians(f, variances=(0.125, 0.25, 0.5, 1, 2), unit=None):
    """Sums of kernels; unit: the mean squared distance, held, unless given."""
    d = ((f[:, None] - f[None]) ** 2).sum(-1)
    unit = d.mean().detach() if unit is None else unit
    return sum(torch.exp(-d / (2 * v * unit)) for v in variances)


def unbiased(k, n):
    off = lambda a: (a.sum() - a.diag().sum()) / (len(a) * (len(a) - 1))
    return off(k[:n, :n]) + off(k[n:, n:]) - 2 * k[:n, n:].mean()


def dan(p, s, t, z, progress):
    loss = unbiased(gaussians(torch.cat([s, t])), BATCH)
    return 2 * ramp(progress) * loss, {"discrepancy": loss}


def jan(p, s, t, z, progress):
    q = torch.softmax(torch.cat([z, classify(p, t)]), 1)
    loss = unbiased(gaussians(torch.cat([s, t])) * gaussians(q, (0.92 ** 2,), 1.0), BATCH)
    return 1.5 * ramp((progress - 0.4) / 0.6) * loss, {"joint-discrepancy": loss}


def entropy(q):
    return -(q * torch.log(q)).sum(1)


def mcc(p, s, t, z, progress):
    """The confusion as its authors write it."""
    q = torch.softmax(classify(p, t) / 2, 1)
    w = 1 + torch.exp(-entropy(q).detach())
    w = len(q) * w / w.sum()
    m = (q * w[:, None]).T @ q
    m = m / m.sum(1)
    loss = (m.sum() - m.trace()) / CLASSES
    return 0.8 * linear(progress, 0.45) * loss, {"class-confusion": loss}


def bnm(p, s, t, z, progress):
    loss = torch.linalg.norm(torch.softmax(classify(p, t), 1), "nuc")
    return -0.9 * linear(progress, 0.1) * loss / BATCH, {"nuclear-norm": loss}


def im(p, s, t, z, progress):
    q = torch.softmax(classify(p, t), 1)
    each, mean = entropy(q).mean(), entropy(q.mean(0, keepdim=True)).mean()
    return 0.3 * linear(progress, 0.1) * (each - mean), {"entropy": each, "diversity": mean}


def safn(p, s, t, z, progress):
    step = lambda f: ((f.norm(dim=1) - f.norm(dim=1).detach() - 0.3) ** 2).mean()
    h = entropy(torch.softmax(classify(p, t), 1)).mean()
    return 2 * (step(s) + step(t)) + 0.3 * h, {"norm/source": step(s), "norm/target": step(t), "entropy": h}


def hafn(p, s, t, z, progress):
    to = lambda f: (f.norm(dim=1).mean() - 3) ** 2
    h = entropy(torch.softmax(classify(p, t), 1)).mean()
    return 0.05 * (to(s) + to(t)) + 0.03 * h, {"norm/source": to(s), "norm/target": to(t), "entropy": h}


def fixmatch(p, s, t, z, progress):
    """Both views are the image."""
    z = classify(p, t)
    q, y = torch.softmax(z, 1).detach().max(1)
    mask = (q > 0.362).double()  # four of six at first
    loss = (mask * F.cross_entropy(z, y, reduction="none")).mean()
    return 0.8 * loss, {"pseudo-labels": loss, "confident": mask.mean()}


def below(p, prefix):
    """A network of the encoder's layers under another name, as the encoder."""
    return {"encoder/" + k[len(prefix):]: v for k, v in p.items() if k.startswith(prefix)}


DECODER = [("decoder/fc1", 512, 128), ("decoder/deconv4", 32, 16, 4, 4), ("decoder/deconv6", 16, 1, 4, 4)]


def decode(p, f):
    h = F.relu(F.linear(f, p["decoder/fc1/weight"], p["decoder/fc1/bias"])).view(-1, 32, 4, 4)
    h = F.relu(F.conv_transpose2d(h, p["decoder/deconv4/weight"], p["decoder/deconv4/bias"], stride=2, padding=1))
    return torch.tanh(F.conv_transpose2d(h, p["decoder/deconv6/weight"], p["decoder/deconv6/bias"], stride=2, padding=1))


def dsn(p, s, t, z, progress):
    x = [fill(f"{d}/{round(progress * ITERATIONS) - 5}", (BATCH, 1, SIDE, SIDE), -1, 1) for d in ("source", "target")]
    own = [encode(below(p, name), i) for name, i in zip(("own-source/", "own-target/"), x)]
    errors = [decode(p, f + h) - i for f, h, i in zip((s, t), own, x)]
    made = sum(((e ** 2).flatten(1).mean(1) - e.flatten(1).mean(1) ** 2).mean() for e in errors)

    def unit(f):
        f = f - f.mean(0)
        return f / f.norm(dim=1, keepdim=True)
    apart = [((unit(f).T @ unit(h)) ** 2).mean() for f, h in zip((s, t), own)]
    loss, named = domain_loss(discriminate(p, Reverse.apply(torch.cat([s, t]), 1.0)))
    return 0.3 * made + 20 * sum(apart) + 0.6 * loss, {"reconstruction": made / 2, "difference/source": apart[0], "difference/target": apart[1], **named}


CLASSIFIER = ("classifier/fc1", CLASSES, 128)


def discriminator(width):
    return [CLASSIFIER, ("discriminator/fc1", UNITS, width), ("discriminator/fc3", UNITS, UNITS), ("discriminator/fc5", 1, UNITS)]


# The losses, the layers beside the encoder's, and the learning rate.
RECIPES = {
    "source-only": (None, [CLASSIFIER], 1e-3),
    "dann": (dann, discriminator(128), 1e-3),
    "dann/joint": (dann, discriminator(128), 1e-3, "joint"),
    "dann/separate": (dann, discriminator(128), 1e-3, "separate"),
    "dann/target": (dann, discriminator(128), 1e-3, "target"),
    "cdan": (cdan, discriminator(128 * CLASSES), 1e-3),
    "cdan-e": (cdan_e, discriminator(RANDOM) + [("map/features/projection1", RANDOM, 128), ("map/classes/projection1", RANDOM, CLASSES)], 1e-3),
    "dann-bsp": (dann_bsp, discriminator(128), 1e-3),
    "cdan-bsp": (cdan_bsp, discriminator(128 * CLASSES), 1e-3),
    "mdd": (mdd, [CLASSIFIER, ("adversary/fc1", UNITS, 128), ("adversary/fc3", CLASSES, UNITS)], 1e-3),
    "deep-coral": (deep_coral, [CLASSIFIER], 1e-3),
    "deep-coral/logits": (coral_of_logits, [CLASSIFIER], 1e-3),
    "homm": (homm, [("encoder/fc10", TOP, 128), ("classifier/fc1", CLASSES, TOP)], 1e-3),
    "dan": (dan, [CLASSIFIER], 1e-3),
    "jan": (jan, [CLASSIFIER], 1e-3),
    "mcc": (mcc, [CLASSIFIER], 5e-4),
    "bnm": (bnm, [CLASSIFIER], 5e-4),
    "im": (im, [CLASSIFIER], 5e-4),
    "fixmatch": (fixmatch, [CLASSIFIER], 5e-4),
    "dsn": (dsn, discriminator(128) + [(f"own-{d}/{n}", *shape) for d in ("source", "target") for n, *shape in (("conv1", 16, 1, 5, 5), ("conv4", 32, 16, 5, 5), ("fc8", 128, 32))] + DECODER, 1e-3),
    "safn": (safn, [CLASSIFIER], 1e-3),
    "hafn": (hafn, [CLASSIFIER], 1e-3),
}


def train(own, parts, rate, statistics=None):
    p = {}
    encoder = [("encoder/conv1", 16, 1, 5, 5), ("encoder/conv4", 32, 16, 5, 5), ("encoder/fc8", 128, 32)]
    if statistics:
        encoder = [("encoder/conv1", 16, 1, 5, 5), ("encoder/conv5", 32, 16, 5, 5), ("encoder/fc10", 128, 32)]
        for name, width in (("encoder/norm2", 16), ("encoder/norm6", 32), ("encoder/norm11", 128)):
            for kind, low, high in (("scale", 0.5, 1.5), ("shift", -0.5, 0.5), ("mean", -0.5, 0.5), ("variance", 0.5, 1.5)):
                v = fill(f"{name}/{kind}", (width,), low, high)
                p[f"{name}/{kind}"] = torch.nn.Parameter(v) if kind in ("scale", "shift") else v
    for l in encoder + parts:
        p.update(layer(*l))
        if statistics and l in encoder:  # no bias before a normalisation
            p[l[0] + "/bias"] = torch.zeros(l[1]).double()
    trained = {k: v for k, v in p.items() if v.requires_grad}
    adam = torch.optim.Adam(trained.values(), lr=rate, betas=(0.9, 0.999))
    out = {"losses": {}}
    for step in range(STEPS):
        s, t = (fill(f"{d}/{step}", (BATCH, 1, SIDE, SIDE), -1, 1) for d in ("source", "target"))
        labels = torch.tensor([(i + step) % CLASSES for i in range(BATCH)])
        progress = (step + 5) / ITERATIONS
        for group in adam.param_groups:  # linearly to a tenth over the last half
            group["lr"] = rate * min(1, 1 - 0.9 * (progress - 0.5) / 0.5)
        if step == 0:
            out["features"] = {"source": encode(p, s), "target": encode(p, t)}
            out["logits"] = {"source": classify(p, out["features"]["source"])}
        if statistics == "separate":
            fs, ft = encode(p, s, True), encode(p, t, True)
        elif statistics == "target":  # the running moments that the source moves are thrown away
            apart = {k: v.clone() if k.endswith(("/mean", "/variance")) else v for k, v in p.items()}
            fs, ft = encode(apart, s, True), encode(p, t, True)
        else:
            fs, ft = encode(p, torch.cat([s, t]), True).split(BATCH)
        z = classify(p, fs)
        loss = F.cross_entropy(z, labels)
        values = {"classification": loss}
        if own is fixmatch:
            loss, values["smoothing"] = F.cross_entropy(z, labels, label_smoothing=0.3), -torch.log_softmax(z, 1).mean()
        if own:
            more, named = own(p, fs, ft, z, progress)
            loss = loss + more
            values.update(named)
        adam.zero_grad()
        loss.backward()
        if step == 0:
            out["gradients"] = {k: v.grad.clone() for k, v in trained.items()}
        values["gradient-norm"] = torch.nn.utils.clip_grad_norm_(list(trained.values()), 0.5)
        adam.step()
        out["losses"].update({f"{k}/{step}": float(v) for k, v in values.items()})
    out["after"] = p
    return {k: ({n: sampled(t) if torch.is_tensor(t) else t for n, t in v.items()} if isinstance(v, dict) else v) for k, v in out.items()}


def centroid_labels(f, z):
    """SHOT's labels: the nearest centroid by the cosine, twice."""
    phi = torch.cat([f, torch.ones(len(f), 1).double()], 1)
    phi = phi / phi.norm(dim=1, keepdim=True)
    a = torch.softmax(z, 1)
    for _ in range(2):
        c = a.T @ phi / (1e-8 + a.sum(0)[:, None])
        distance = 1 - phi @ c.T / (c.norm(dim=1) + 1e-30)
        distance[:, a.sum(0) == 0] = 2
        labels = distance.argmin(1)
        a = F.one_hot(labels, z.shape[1]).double()
    return labels


def shot(labels_weight):
    """A step on the source; from the same parameters two on the target: convolutions of p-small, a bottleneck of TOP
    units, a weight-normalised classifier."""
    p = {}
    for l in (("encoder/conv1", 16, 1, 5, 5), ("encoder/conv4", 32, 16, 5, 5), ("encoder/fc9", TOP, 32), ("classifier/fc1", CLASSES, TOP)):
        p.update(layer(*l))
    p["encoder/fc9/bias"] = torch.zeros(TOP).double()
    for kind, low, high in (("scale", 0.5, 1.5), ("shift", -0.5, 0.5), ("mean", -0.5, 0.5), ("variance", 0.5, 1.5)):
        v = fill(f"encoder/norm10/{kind}", (TOP,), low, high)
        p[f"encoder/norm10/{kind}"] = torch.nn.Parameter(v) if kind in ("scale", "shift") else v
    p["classifier/fc1/length"] = torch.nn.Parameter(fill("classifier/fc1/length", (CLASSES,), 0.5, 1.5))

    def run(x, training):
        x = F.max_pool2d(F.relu(F.conv2d(x, p["encoder/conv1/weight"], p["encoder/conv1/bias"])), 2)
        x = F.max_pool2d(F.relu(F.conv2d(x, p["encoder/conv4/weight"], p["encoder/conv4/bias"])), 2)
        f = norm(p, "encoder/norm10", F.linear(x.flatten(1), p["encoder/fc9/weight"]), training)
        w = torch._weight_norm(p["classifier/fc1/weight"], p["classifier/fc1/length"][:, None], 0)
        return f, F.linear(f, w, p["classifier/fc1/bias"])

    every = {k: v for k, v in p.items() if v.requires_grad}
    encoder = {k: v for k, v in every.items() if k.startswith("encoder/")}
    out = {"losses": {}}
    begun = {k: v.detach().clone() for k, v in p.items()}
    adams = [torch.optim.Adam(v.values(), lr=1e-3) for v in (every, encoder)]
    labels = None
    for at, trained, adam, rate in ((5, every, adams[0], 1 - (5 / 6 - 0.1)), (6, encoder, adams[1], 0.1), (7, encoder, adams[1], 0.1 * (1 - (0.25 - 0.1)))):
        if at == 5:
            _, z = run(fill("source/0", (BATCH, 1, SIDE, SIDE), -1, 1), True)
            y = torch.tensor([i % CLASSES for i in range(BATCH)])
            loss = F.cross_entropy(z, y, label_smoothing=0.2)
            values = {"classification": F.cross_entropy(z, y), "smoothing": -torch.log_softmax(z, 1).mean()}
        else:
            if labels is None:
                labels = centroid_labels(*run(fill("refresh", (BATCH, 1, SIDE, SIDE), -1, 1), False))
                out["labels"] = labels.double()
            _, z = run(fill(f"target/{at}", (BATCH, 1, SIDE, SIDE), -1, 1), True)
            q = torch.softmax(z, 1)
            each, mean, more = entropy(q).mean(), entropy(q.mean(0, keepdim=True)).mean(), F.cross_entropy(z, labels.flip(0))
            loss = each - 0.7 * mean + labels_weight * more
            values = {"entropy": each, "diversity": mean}
            if labels_weight:
                values["labels"] = more
        for group in adam.param_groups:
            group["lr"] = rate * 1e-3
        adam.zero_grad()
        loss.backward()
        if at < 7:
            out["gradients" if at == 6 else "source"] = {k: v.grad.clone() for k, v in trained.items()}
        values["gradient-norm"] = torch.nn.utils.clip_grad_norm_(list(trained.values()), 0.5)
        adam.step()
        out["losses"].update({f"{k}/{at}": float(v) for k, v in values.items()})
        if at == 5:  # the target begins from the first parameters: Adam magnifies rounding errors
            with torch.no_grad():
                for k, v in p.items():
                    v.copy_(begun[k])
    out["after"] = p
    return kept(out)


NORMS = (("encoder/norm2", 16), ("encoder/norm6", 32), ("encoder/norm11", 128))


def small_bn():
    """The parameters of p-small-bn, with its classifier."""
    p = {}
    for l in (("encoder/conv1", 16, 1, 5, 5), ("encoder/conv5", 32, 16, 5, 5), ("encoder/fc10", 128, 32), CLASSIFIER):
        p.update(layer(*l))
        if l is not CLASSIFIER:
            p[l[0] + "/bias"] = torch.zeros(l[1]).double()
    for name, width in NORMS:
        for kind, low, high in (("scale", 0.5, 1.5), ("shift", -0.5, 0.5), ("mean", -0.5, 0.5), ("variance", 0.5, 1.5)):
            v = fill(f"{name}/{kind}", (width,), low, high)
            p[f"{name}/{kind}"] = torch.nn.Parameter(v) if kind in ("scale", "shift") else v
    return p


def se():
    """Two steps of a student whose teacher is another network at first; the views are the images."""
    p = small_bn()
    trained = {k: v for k, v in p.items() if v.requires_grad}
    teacher = {k: v.detach().clone() for k, v in p.items()}
    for k in teacher:
        if k in trained:
            low, high = (0.5, 1.5) if k.endswith("/scale") else (-0.5, 0.5)
            teacher[k] = fill("teacher/" + k, teacher[k].shape, low, high)
        elif not k.endswith("/bias"):
            low, high = (0.5, 1.5) if k.endswith("/variance") else (-0.5, 0.5)
            teacher[k] = fill("teacher/" + k, teacher[k].shape, low, high)
    adam = torch.optim.Adam(trained.values(), lr=1e-3)
    out = {"losses": {}}
    for step in range(STEPS):
        s, t = (fill(f"{d}/{step}", (BATCH, 1, SIDE, SIDE), -1, 1) for d in ("source", "target"))
        labels = torch.tensor([(i + step) % CLASSES for i in range(BATCH)])
        progress = (step + 5) / ITERATIONS
        for group in adam.param_groups:
            group["lr"] = 1e-3 * min(1, 1 - 0.9 * (progress - 0.5) / 0.5)
        with torch.no_grad():
            q = torch.softmax(classify(teacher, encode(teacher, t, True)), 1)
        zs, zt = classify(p, encode(p, s, True)), classify(p, encode(p, t, True))
        pt = torch.softmax(zt, 1)
        mask = (q.max(1).values > 0.6).double()
        classification, consistency = F.cross_entropy(zs, labels), (mask * ((pt - q) ** 2).mean(1)).mean()
        mean = pt.mean(0)
        balance = F.binary_cross_entropy(mean, torch.full_like(mean, 1 / CLASSES)) * CLASSES
        rise = math.exp(-5 * (1 - progress / 0.9) ** 2)
        loss = classification + rise * (7 * consistency + mask.mean() * 0.4 * balance)
        adam.zero_grad()
        loss.backward()
        if step == 0:
            out["gradients"] = {k: v.grad.clone() for k, v in trained.items()}
        values = {"classification": classification, "consistency": consistency, "balance": balance, "confident": mask.mean(),
                  "gradient-norm": torch.nn.utils.clip_grad_norm_(list(trained.values()), 0.5)}
        adam.step()
        for k, v in trained.items():
            teacher[k] = 0.8 * teacher[k] + 0.2 * v.detach()
        out["losses"].update({f"{k}/{step}": float(v) for k, v in values.items()})
    out["after"] = {**p, **{"teacher/" + k: v for k, v in teacher.items()}}
    return kept(out)


def heads(sliced):
    """Two steps of two classifiers of two hidden layers, without dropout: each a part in which all learn, one in which
    the classifiers part and two in which the encoder has them meet."""
    p = {}
    for l in (("encoder/conv1", 16, 1, 5, 5), ("encoder/conv4", 32, 16, 5, 5), ("encoder/fc8", 128, 32)):
        p.update(layer(*l))
    for name in ("classifier", "second"):
        for l in ((name + "/fc2", 20, 128), (name + "/fc5", 20, 20), (name + "/fc8", CLASSES, 20)):
            p.update(layer(*l))
    encoder = [v for k, v in p.items() if k.startswith("encoder/")]
    both = [v for k, v in p.items() if not k.startswith("encoder/")]
    adams = torch.optim.Adam(encoder, lr=2e-4), torch.optim.Adam(both, lr=2e-4)

    def logits(f):
        out = []
        for name in ("classifier", "second"):
            h = F.relu(F.linear(f, p[name + "/fc2/weight"], p[name + "/fc2/bias"]))
            h = F.relu(F.linear(h, p[name + "/fc5/weight"], p[name + "/fc5/bias"]))
            out.append(F.linear(h, p[name + "/fc8/weight"], p[name + "/fc8/bias"]))
        return out

    def apart(x, draw):
        a, b = (torch.softmax(z, 1) for z in logits(encode(p, x)))
        if not sliced:
            return (a - b).abs().mean()
        r = fill(f"directions/{draw}", (CLASSES, 6), -1, 1)
        return ((torch.sort(a @ r, 0).values - torch.sort(b @ r, 0).values) ** 2).mean()

    def update(loss, *sets):
        for v in p.values():
            v.grad = None
        loss.backward()
        grads = {k: v.grad.clone() for k, v in p.items()}
        norms = []
        for of, adam in sets:
            norms.append(torch.nn.utils.clip_grad_norm_(of, 0.5))
            adam.step()
        return norms[0], grads

    out, weight = {"losses": {}}, 5 if sliced else 0.7
    for step in range(STEPS):
        at, (s, t) = step + 5, (fill(f"{d}/{step}", (BATCH, 1, SIDE, SIDE), -1, 1) for d in ("source", "target"))
        labels = torch.tensor([(i + step) % CLASSES for i in range(BATCH)])
        for adam in adams:
            for group in adam.param_groups:
                group["lr"] = 2e-4 * min(1, 1 - 0.9 * (at / ITERATIONS - 0.5) / 0.5)
        if step == 0:
            out["features"] = {"source": encode(p, s), "target": encode(p, t)}
            out["logits"] = {k: sum(logits(f)) / 2 for k, f in out["features"].items()}
        values = {"discrepancy/before": apart(t, (at * 3) * 3)}
        first, second = (F.cross_entropy(z, labels) for z in logits(encode(p, s)))
        values["classification/first"], values["classification/second"] = first, second
        values["gradient-norm"], grads = update(first + second, (encoder, adams[0]), (both, adams[1]))
        if step == 0:
            out["gradients"] = grads
        first, second = (F.cross_entropy(z, labels) for z in logits(encode(p, s)))
        update(first + second - weight * apart(t, (at * 3 + 1) * 3), (both, adams[1]))
        for k in range(2):
            d = apart(t, (at * 3 + 2) * 3 + k)
            if k == 0:
                values["discrepancy/apart"] = d
            update(weight * d, (encoder, adams[0]))
        out["losses"].update({f"{k}/{step}": float(v) for k, v in values.items()})
    out["after"] = p
    return kept(out)


def kept(out):
    return {k: ({n: sampled(t) if torch.is_tensor(t) else t for n, t in v.items()} if isinstance(v, dict) else sampled(v)) for k, v in out.items()}


if __name__ == "__main__":
    out = {"about": "training steps by PyTorch " + torch.__version__ + " in float64, made by golden.py"}
    for name, recipe in RECIPES.items():
        out[name] = train(*recipe)
    out["shot"], out["shot-im"] = shot(0.3), shot(0)
    out["se"] = se()
    out["mcd"], out["swd"] = heads(False), heads(True)
    write(os.path.join(HERE, "golden.json"), out, lambda t: t)
