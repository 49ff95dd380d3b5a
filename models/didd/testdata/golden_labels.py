#!/usr/bin/env python3
"""Writes golden_labels.json beside itself: two training steps of DIDD with a classifier on the
common code, for each of its terms and for all of them, computed by PyTorch (1.13) in float64 on
the small network of golden.py. Run: python3 golden_labels.py

Written from the specification of the terms. Parameters, images and labels are not kept: fill()
makes them from names, here and in the test.
"""
import importlib.util
import math
import os

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("didd_golden", os.path.join(HERE, "golden.py"))
didd = importlib.util.module_from_spec(spec)
spec.loader.exec_module(didd)
fill, shared = didd.fill, didd.shared

SIDE, BATCH, CLASSES, CODES, SEPARATE, HIDDEN, MAP = 16, 4, 3, 4, 2, 8, 16
BOUND, CLIP, FIRST, ITERATIONS, WARMUP, RAMP = 0.3, 0.5, 5, 10, 4, 4
CHOSEN = [0, -1, 2, 1, 1, 2, -1, 0]  # classes given to the target's training images


class Layer(didd.Layer):
    """A layer whose power iteration is asked for, not a part of each pass."""

    def iterate(self):
        super().weight()

    def weight(self):
        if not self.spectral:
            return self.w
        m = self.w.reshape(self.w.shape[0], -1)
        return self.w / (self.u @ (m @ self.v))


didd.Layer = Layer


def iterate(net):
    for layer in net.layers:
        if layer.spectral:
            layer.iterate()


def trained(name, *shape):
    return {name: torch.nn.Parameter(fill(name, shape, -BOUND, BOUND))}


def linear(p, name, x):
    return F.linear(x, p[name + "/weight"], p[name + "/bias"])


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        return -grad


def entropy(p):
    return -(p * torch.log(p)).sum(1)


def steps(source, confusion="b", pool=True, norm="none", conditional=False, weight=0.8, teacher=0.0, changed=False, **w):
    nets = [didd.Net("common", 3, didd.encoder([4, 6, CODES], False, second=False), BOUND), didd.Net("separate-a", 3, didd.encoder([4, 8, SEPARATE], False), BOUND),
            didd.Net("separate-b", 3, didd.encoder([4, 8, SEPARATE], False), BOUND),
            didd.Net("decoder", 8, [(o, True, True, "relu") for o in (8, 4)] + [(3, False, False, "tanh")], BOUND, transposed=True)]
    common, sep_a, sep_b, decoder = nets
    auto = {k: v for n in nets for k, v in n.params().items()}
    width, judged = CODES if pool else 4 * CODES, MAP if conditional else 4 * CODES
    p = {**trained("classifier/linear/weight", CLASSES, width), **trained("classifier/linear/bias", CLASSES)}
    if norm != "none":
        p["classifier/norm/scale"] = torch.nn.Parameter(fill("classifier/norm/scale", (width,), 0.5, 1.5))
        p["classifier/norm/shift"] = torch.nn.Parameter(fill("classifier/norm/shift", (width,), -0.5, 0.5))
    if "private" in w:
        p.update({**trained("private/linear/weight", CLASSES, 4 * SEPARATE), **trained("private/linear/bias", CLASSES)})
    heads = dict(p)
    disc = {**trained("discriminator/linear1/weight", HIDDEN, judged), **trained("discriminator/linear1/bias", HIDDEN),
            **trained("discriminator/linear2/weight", 1, HIDDEN), **trained("discriminator/linear2/bias", 1)}
    state = {}
    if norm != "none":
        state = {"classifier/norm/mean": fill("classifier/norm/mean", (width,), -0.5, 0.5), "classifier/norm/variance": fill("classifier/norm/variance", (width,), 0.5, 1.5)}
    if conditional:
        state["map/common/weight"], state["map/classes/weight"] = fill("map/common/weight", (MAP, 4 * CODES), -1, 1), fill("map/classes/weight", (MAP, CLASSES), -1, 1)

    averages = {}
    if teacher:
        lead = didd.Net("average/common", 3, didd.encoder([4, 6, CODES], False, second=False), 1)
        averages = {k: v.detach() for k, v in lead.params().items()}
        for k, v in {**heads, **state}.items():
            if k.startswith("classifier/"):
                low, high = {"scale": (0.5, 1.5), "variance": (0.5, 1.5), "shift": (-0.5, 0.5), "mean": (-0.5, 0.5)}.get(k.split("/")[-1], (-1, 1))
                averages["average/" + k] = fill("average/" + k, tuple(v.shape), low, high)

    def classify(c, follow=False, of=p, name=""):
        x = c.mean((2, 3)) if pool else c.flatten(1)
        if norm != "none":
            running = (state["classifier/norm/mean"], state["classifier/norm/variance"]) if follow else (None, None)
            x = F.batch_norm(x, *running, of[name + "classifier/norm/scale"], of[name + "classifier/norm/shift"], True, 0.1, 1e-5)
        return linear(of, name + "classifier/linear", x)

    def follow_step(step):  # weights by a moving average that begins fast, vectors of spectral norms and running moments as they are
        decay = min(teacher, (2 + step) / (11 + step))
        for k, v in averages.items():
            now = {**auto, **heads, **state}[k[len("average/"):]].detach()
            v.copy_(now if k.split("/")[-1] in ("mean", "variance") else decay * v + (1 - decay) * now)
        for to, of in zip(lead.layers, common.layers):
            if to.spectral:
                to.u, to.v = of.u.clone(), of.v.clone()

    def discriminate(c, z):
        x = c.flatten(1)
        if conditional:
            x = (x @ state["map/common/weight"].T) * (torch.softmax(z, 1).detach() @ state["map/classes/weight"].T) / MAP ** 0.5
        return linear(disc, "discriminator/linear2", F.leaky_relu(linear(disc, "discriminator/linear1", x), 0.2))

    bce = lambda logits, label: F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))
    adams = [torch.optim.Adam(of.values(), lr=lr, betas=(0.5, 0.999)) for of, lr in ((auto, 2e-4), (heads, 1e-3), (disc, 2e-4))]
    out = {"losses": {}, "gradients": {}}
    for step in range(2):
        at = FIRST + step
        rise = (at - WARMUP) / RAMP
        x = [fill(f"{d}/{step}", (BATCH, 3, SIDE, SIDE), -1, 1) for d in "ab"]
        y = torch.tensor([(i + step) % CLASSES for i in range(BATCH)])
        s, t = (0, 1) if source == "a" else (1, 0)
        for net in nets:
            iterate(net)
        c, sa, sb = [common(v) for v in x], [sep_a(v) for v in x], [sep_b(v) for v in x]
        none = torch.zeros_like(sa[0])
        made = [decoder(torch.cat([c[0], sa[0], none], 1)), decoder(torch.cat([c[1], none, sb[1]], 1))]
        z = [None, None]
        z[s], z[t] = classify(c[s], norm == "separate"), classify(c[t], norm != "none")
        u = [discriminate(c[i], z[i]) for i in (0, 1)]
        aim = {"b": (0.0, 0.0), "reverse": (1.0, 0.0)}[confusion]
        against = 0.3 * (-0.5 * (2 / (1 + math.exp(-10 * at / ITERATIONS)) - 1) if confusion == "reverse" else 1) * (rise if conditional else 1)
        terms = {"reconstruction/a": (1, F.l1_loss(made[0], x[0])), "reconstruction/b": (1, F.l1_loss(made[1], x[1])),
                 "zero/a": (0.7, sb[0].abs().mean()), "zero/b": (0.7, sa[1].abs().mean()),
                 "confusion/a": (against, bce(u[0], aim[0])), "confusion/b": (against, bce(u[1], aim[1])),
                 "classification": (weight, F.cross_entropy(z[s], y))}
        q = torch.softmax(z[t], 1)
        if "entropy" in w:
            terms["entropy"] = (rise * (w["entropy"] + w["information"]), entropy(q).mean())
            terms["diversity"] = (-rise * w["information"], entropy(q.mean(0, keepdim=True)).mean())
        if "pseudo" in w:
            chosen = torch.tensor(CHOSEN[BATCH * step:BATCH * (step + 1)])
            each = F.cross_entropy(z[t], chosen.clamp(min=0), reduction="none")
            terms["pseudo"] = (rise * w["pseudo"], (each * (chosen >= 0)).mean())
        if "translated" in w:
            own = [none, none]
            own[t] = (sa, sb)[t][t]
            with torch.no_grad():
                fake = decoder(torch.cat([c[s], *own], 1))
            again = common(fake)
            terms["translated"] = (rise * w["translated"], F.cross_entropy(classify(again), y))
            terms["consistency"] = (rise * w["consistency"], F.l1_loss(again, c[s].detach()))
        if "agreement" in w:
            with torch.no_grad():
                said = torch.softmax(classify(lead(x[t]), of=averages, name="average/"), 1)
            learnt = torch.softmax(classify(common(-x[t])), 1) if changed else q  # the change is a negative
            terms["agreement"] = (rise * w["agreement"], ((learnt - said) ** 2).mean())
        if "private" in w:
            terms["private"] = (w["private"], F.cross_entropy(linear(p, "private/linear", Reverse.apply((sa, sb)[s][s].flatten(1))), y))
        for adam in adams:
            adam.zero_grad()
        sum(k * v for k, v in terms.values()).backward()
        if step == 0:
            out["gradients"].update({k: v.grad.clone() for k, v in {**auto, **heads}.items()})
        values = {k: v for k, (_, v) in terms.items()}
        values["gradient-norm"] = torch.nn.utils.clip_grad_norm_(list(auto.values()), CLIP)
        torch.nn.utils.clip_grad_norm_(list(heads.values()), CLIP)
        adams[0].step()
        adams[1].step()
        if teacher:
            follow_step(step)
        iterate(common)
        with torch.no_grad():
            c = [common(v) for v in x]
            z = [classify(v) for v in c]
        adams[2].zero_grad()
        u = [discriminate(c[i].detach(), z[i]) for i in (0, 1)]
        loss = bce(u[0], 1.0) + bce(u[1], 0.0)
        loss.backward()
        if step == 0:
            out["gradients"].update({k: v.grad.clone() for k, v in disc.items()})
        adams[2].step()
        values["discriminator"] = loss
        out["losses"].update({f"{k}/{step}": float(v) for k, v in values.items()})
    nets += [lead] if teacher else []
    out["after"] = {**auto, **heads, **disc, **state, **averages, **{k: v for n in nets for k, v in n.state().items()}}
    return {k: {n: shared.sampled(v) if torch.is_tensor(v) else v for n, v in of.items()} for k, of in out.items()}


every = dict(entropy=0.2, information=0.5, pseudo=0.4, translated=0.3, consistency=0.2, agreement=0.6, private=0.15)
only = lambda *names: {k: every[k] for k in names}
out = {"about": "training steps by PyTorch " + torch.__version__ + " in float64, made by golden_labels.py"}
for name, made in {
    "classifier": steps("a"),
    "classifier of the whole code": steps("a", pool=False),
    "reversed confusion": steps("b", confusion="reverse"),
    "information": steps("a", **only("entropy", "information")),
    "conditional": steps("a", confusion="reverse", conditional=True),
    "pseudo": steps("b", **only("pseudo")),
    "translated": steps("a", **only("translated", "consistency")),
    "private": steps("b", **only("private")),
    "norm of both": steps("a", norm="separate"),
    "norm of the target": steps("b", norm="target", **only("entropy", "information")),
    "averages": steps("b", norm="target", teacher=0.1),
    "agreement": steps("a", teacher=0.9, **only("agreement")),
    "agreement of changed images": steps("a", norm="separate", teacher=0.9, changed=True, **only("agreement", "pseudo")),
    "all": steps("b", confusion="reverse", conditional=True, norm="separate", teacher=0.9, **every),
    "all of changed images": steps("a", confusion="reverse", conditional=True, norm="separate", teacher=0.9, changed=True, **every),
    "all of the whole code": steps("a", pool=False, confusion="reverse", conditional=True, norm="target", teacher=0.9, **every),
}.items():
    out[name] = made
shared.write(os.path.join(HERE, "golden_labels.json"), out, lambda t: t)
