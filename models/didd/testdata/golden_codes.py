#!/usr/bin/env python3
"""Writes golden_codes.json beside itself: two training steps of DIDD with each loss on codes that
the paper does not have, with a held discriminator, and with all of it, computed by PyTorch (1.13)
in float64 on the small network of golden.py. Run: python3 golden_codes.py

Written from the specification of the losses. Parameters and images are not kept: fill() makes
them from names, here and in the test.
"""
import importlib.util
import os

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("didd_golden", os.path.join(HERE, "golden.py"))
didd = importlib.util.module_from_spec(spec)
spec.loader.exec_module(didd)
fill, shared = didd.fill, didd.shared

SIDE, BATCH, CODES, SEPARATE, HIDDEN, BOUND, CLIP = 16, 4, 4, 2, 8, 0.3, 0.5


class Layer(didd.Layer):
    """A layer whose power iteration is asked for, not a part of each pass."""

    def iterate(self):
        if self.spectral:
            super().weight()

    def weight(self):
        if not self.spectral:
            return self.w
        return self.w / (self.u @ (self.w.reshape(self.w.shape[0], -1) @ self.v))


didd.Layer = Layer


def encoders(prefix, norm=True, codes=CODES):
    separate = [(o, spectral, n and norm, act) for o, spectral, n, act in didd.encoder([4, 8, SEPARATE], False)]
    return [didd.Net(prefix + "common", 3, didd.encoder([4, 6, codes], False, second=False), BOUND if not prefix else 1),
            didd.Net(prefix + "separate-a", 3, separate, BOUND if not prefix else 1),
            didd.Net(prefix + "separate-b", 3, separate, BOUND if not prefix else 1)]


def differences(x):
    """Of the right and the lower neighbour of each pixel that has both, from it."""
    return torch.stack([x[:, :, :-1, 1:] - x[:, :, :-1, :-1], x[:, :, 1:, :-1] - x[:, :, :-1, :-1]])


def criterion(x, y):
    """tr(KHLH)/n^2 of Gaussian kernels whose widths, the median distances, are constants."""
    def kernel(z):
        square = ((z[:, None] - z[None]) ** 2).sum(2)
        distances = torch.sort(torch.sqrt(square.detach()[tuple(torch.tril_indices(len(z), len(z), -1))]))[0]
        middle = (distances[(len(distances) - 1) // 2] + distances[len(distances) // 2]) / 2
        return torch.exp(-square / (2 * middle ** 2))
    h = torch.eye(len(x), dtype=x.dtype) - 1 / len(x)
    return torch.trace(kernel(x) @ h @ kernel(y) @ h) / len(x) ** 2


def differs(state, x, mean, variance, margin):
    """Where two domains differ, by moments of all images so far, from sums of values and of squares; those
    before the first step have the weight of three batches."""
    seen, moments = float(state["region/steps"]), []
    for d, v in zip("ab", x):
        m, s = state[f"region/{d}/mean"], state[f"region/{d}/variance"]
        first, second = (seen * m + v.mean(0)) / (seen + 1), (seen * (s + m ** 2) + (v ** 2).mean(0)) / (seen + 1)
        state[f"region/{d}/mean"], state[f"region/{d}/variance"] = first, second - first ** 2
        moments.append((first, second - first ** 2 + 1e-4))
    state["region/steps"] = state["region/steps"] + 1
    (ma, va), (mb, vb) = moments
    apart = ((ma - mb).abs() / ((va + vb) / 2).sqrt() > mean) | ((va / vb).log().abs() > variance)
    return F.max_pool2d(apart.any(0, keepdim=True).double()[None], 2 * margin + 1, stride=1, padding=margin)


def owned(state, inside):
    """Whose part of the region a pixel is: 1 of A, 0 of B, 1/2 elsewhere, by the threshold of log ratios of variances
    that leaves least variance within the two groups (Otsu), tried at every value."""
    around = lambda v: F.avg_pool2d(v, 3, stride=1, padding=1, count_include_pad=False)
    ratios = around(torch.log((state["region/a/variance"] + 1e-4) / (state["region/b/variance"] + 1e-4)).mean(0)[None, None])
    values = ratios[inside > 0]
    within = lambda t: sum(((g - g.mean()) ** 2).sum() for g in (values[values <= t], values[values > t]))
    best = min(values.sort()[0][:-1], key=within)
    return around(torch.where(inside > 0, (ratios > best).double(), torch.full_like(ratios, 0.5)))


def steps(pin=0, collapse=0, independence=0, hold=0, decay=0.999, edges=0, alone=0, fixed=False, norm=True, paste=0, codes=CODES, adversary=0, kept=0, again=0, cut=0, elsewhere=False, unread=False, region=None, hidden=False, only=False, weighs=1, bare=False, **edits):
    nets = encoders("", norm, codes) + [didd.Net("decoder", codes + 2 * SEPARATE, [(o, True, True, "relu") for o in (8, 4)] + [(3, False, False, "tanh")], BOUND, transposed=True)]
    common, sep_a, sep_b, decoder = nets
    readers = encoders("cycle/", norm, codes) if edits else []
    auto = {k: v for n in nets for k, v in n.params().items()}
    averages = {k: v.detach() for n in readers for k, v in n.params().items()}
    disc = {"discriminator/" + n: torch.nn.Parameter(fill("discriminator/" + n, s, -BOUND, BOUND))
            for n, s in (("linear1/weight", (HIDDEN, 4 * codes)), ("linear1/bias", (HIDDEN,)), ("linear2/weight", (1, HIDDEN)), ("linear2/bias", (1,)))}
    state = {"confusion/scale": fill("confusion/scale", (1,), 0.5, 1.5)} if hold else {}
    if region:
        state["region/steps"] = fill("region/steps", (1,), 3, 3)
        for d in "ab":
            state[f"region/{d}/mean"] = fill(f"region/{d}/mean", (3, SIDE, SIDE), -0.5, 0.5)
            state[f"region/{d}/variance"] = fill(f"region/{d}/variance", (3, SIDE, SIDE), 0.5, 1.5)

    def discriminate(c):
        h = F.leaky_relu(F.linear(c.flatten(1), disc["discriminator/linear1/weight"], disc["discriminator/linear1/bias"]), 0.2)
        return F.linear(h, disc["discriminator/linear2/weight"], disc["discriminator/linear2/bias"])

    judges = {}

    def judge(d, x):
        """The verdicts on patches: three stages of 3, 6 and 12 channels, and one more."""
        for i in range(4):
            n, w = f"patches/{d}/scale1/conv{1 + 2 * i}", (3 << i, x.shape[1], 4, 4) if i < 3 else (1, x.shape[1], 1, 1)
            for kind, shape in (("weight", w), ("bias", w[:1])):
                if f"{n}/{kind}" not in judges:
                    judges[f"{n}/{kind}"] = torch.nn.Parameter(fill(f"{n}/{kind}", shape, -BOUND, BOUND))
            x = F.pad(x, (1, 1, 1, 1), mode="reflect") if i < 3 else x
            x = F.conv2d(x, judges[n + "/weight"], judges[n + "/bias"], stride=2 if i < 3 else 1)
            x = F.leaky_relu(x, 0.2) if i < 3 else x
        return x

    if adversary:
        for d in "ab":
            judge(d, torch.zeros(1, 3, SIDE, SIDE, dtype=torch.float64))
    bce = lambda logits, label: F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))
    adams = [torch.optim.Adam(of.values(), lr=2e-4, betas=(0.5, 0.999)) for of in (auto, disc, judges) if of]
    out, shares = {"losses": {}, "gradients": {}}, []
    for step in range(2):
        x = [fill(f"{d}/{step}", (BATCH, 3, SIDE, SIDE), -1, 1) for d in "ab"]
        for net in nets:
            for layer in net.layers:
                layer.iterate()
        if region:
            inside = differs(state, x, *region[:3])
            shares.append(float(inside.mean()))
        visible = lambda v: (1 - inside) * v if hidden else v
        there = lambda v: inside * v if only else v
        c, sa, sb = [common(visible(v)) for v in x], [sep_a(there(v)) for v in x], [sep_b(there(v)) for v in x]
        none = torch.zeros_like(sa[0])
        made = [decoder(torch.cat([c[0], sa[0], none], 1)), decoder(torch.cat([c[1], none, sb[1]], 1))]
        against = 0.3 * (float(state["confusion/scale"]) if hold else 1)
        weighed = lambda v: (1 + (weighs - 1) * inside) * v if weighs != 1 else v
        terms = {"reconstruction/a": (1, F.l1_loss(weighed(made[0]), weighed(x[0]))), "reconstruction/b": (1, F.l1_loss(weighed(made[1]), weighed(x[1]))),
                 "zero/a": (0.7, sb[0].abs().mean()), "zero/b": (0.7, sa[1].abs().mean()),
                 "confusion/a": (against, bce(discriminate(c[0]), 0.0)), "confusion/b": (against, bce(discriminate(c[1]), 0.0))}
        if paste or cut or elsewhere or kept and not region:
            with torch.no_grad():
                bare = [decoder(torch.cat([z, none, none], 1)) for z in c]
                mask = [(((made[i] - bare[i]).abs().amax(1, keepdim=True) - 0.25) / 0.25).clamp(0, 1) for i in (0, 1)]
                shares.append(float(torch.cat(mask).mean()))
        square = lambda z: (z.flatten(1) ** 2).sum(1)
        for i, d in enumerate("ab"):
            if edges:
                terms["edges/" + d] = (edges, F.l1_loss(differences(weighed(made[i])), differences(weighed(x[i]))))
            if alone:
                away = (decoder(torch.cat([c[i], none, none], 1)) - x[i]).abs()
                share = region[3] * ([1 - owned(state, inside), owned(state, inside)][i] if bare else 1) if region else 1
                away = (1 - (1 - share) * inside) * away if region else (1 - mask[i]) * away if elsewhere else away
                terms["alone/" + d] = (alone, away.mean())
        if pin:
            terms["pin/a"], terms["pin/b"] = (pin, square(sb[0]).mean()), (pin, square(sa[1]).mean())
        if collapse:
            terms["collapse/a"], terms["collapse/b"] = (collapse, torch.exp(-square(sa[0])).mean()), (collapse, torch.exp(-square(sb[1])).mean())
        if independence:
            terms["independence/a"] = (independence, criterion(c[0].flatten(1), sa[0].flatten(1)))
            terms["independence/b"] = (independence, criterion(c[1].flatten(1), sb[1].flatten(1)))
        if paste:
            with torch.no_grad():
                below = [mask[i] * bare[i] + (1 - mask[i]) * x[i] for i in (0, 1)]
                above = [mask[1 - i] * x[1 - i] + (1 - mask[1 - i]) * below[i] for i in (0, 1)]
            for i, d in enumerate("ab"):
                terms["paste/" + d] = (paste, (common(visible(above[i])) - c[i].detach()).abs().mean())
        for name, weight in edits.items():
            # What stands in the slots of A and of B, for images of A and for images of B.
            slot_a, slot_b = {"swap": ((none, sa[0]), (sb[1], none)), "removal": ((none, none), (none, none)), "union": ((sa[0], sa[0]), (sb[1], sb[1]))}[name]
            image = torch.cat([decoder(torch.cat([c[i], slot_a[i], slot_b[i]], 1)) for i in (0, 1)])
            if adversary and name == "swap":
                swapped = {"a": image[BATCH:], "b": image[:BATCH]}
                for d, of in swapped.items():
                    terms["adversarial/" + d] = (adversary, ((judge(d, of) - 1) ** 2).mean())
            if name == "swap" and kept:
                neither = 1 - inside if region else (1 - mask[0]) * (1 - mask[1])
                for i, d in enumerate("ab"):
                    terms["kept/" + d] = (kept, (neither * (image[i * BATCH:(i + 1) * BATCH] - x[i]).abs()).mean())
            if name == "swap" and again:
                seen = image.detach()
                if cut:
                    seen = seen * (1 - F.max_pool2d(torch.cat(mask), 2 * cut + 1, stride=1, padding=cut))
                seen = common(visible(seen))
                for i, d in enumerate("ab"):
                    own = [sa[0], none] if d == "a" else [none, sb[1]]
                    z = decoder(torch.cat([seen[i * BATCH:(i + 1) * BATCH], *own], 1))
                    terms["again/" + d] = (again, F.l1_loss(z, x[i]))
                    if edges:
                        terms["again-edges/" + d] = (again * edges, F.l1_loss(differences(z), differences(x[i])))
            wanted = [torch.cat(c), torch.cat(slot_a), torch.cat(slot_b)]
            for part, net, z in zip(("common", "separate-a", "separate-b"), readers, wanted):
                if unread and part == "common":
                    continue
                terms[f"{name}/{part}"] = (weight, (net(visible(image) if part == "common" else there(image)) - (z.detach() if fixed else z)).abs().mean())
        for adam in adams:
            adam.zero_grad()
        sum(k * v for k, v in terms.values()).backward()
        if step == 0:
            out["gradients"].update({k: v.grad.clone() for k, v in auto.items()})
        values = {k: v for k, (_, v) in terms.items()}
        values["gradient-norm"] = torch.nn.utils.clip_grad_norm_(list(auto.values()), CLIP)
        adams[0].step()
        part = min(decay, (2 + step) / (11 + step))
        for k, v in averages.items():
            v.copy_(part * v + (1 - part) * auto[k[len("cycle/"):]].detach())
        for reader, net in zip(readers, nets):
            for to, of in zip(reader.layers, net.layers):
                to.u, to.v = of.u.clone(), of.v.clone()
        for layer in common.layers:
            layer.iterate()
        adams[1].zero_grad()
        with torch.no_grad():
            c = [common(visible(v)) for v in x]
        u = [discriminate(v) for v in c]
        loss = bce(u[0], 1.0) + bce(u[1], 0.0)
        loss.backward()
        if step == 0:
            out["gradients"].update({k: v.grad.clone() for k, v in disc.items()})
        adams[1].step()
        values["discriminator"] = loss
        if adversary:
            adams[2].zero_grad()
            losses = [(judge(d, swapped[d].detach()) ** 2).mean() + ((judge(d, x[i]) - 1) ** 2).mean() for i, d in enumerate("ab")]
            sum(losses).backward()
            if step == 0:
                out["gradients"].update({k: v.grad.clone() for k, v in judges.items()})
            adams[2].step()
            values.update({"patches/a": losses[0], "patches/b": losses[1]})
        if hold:
            accuracy = ((u[0] > 0).double().mean() + (u[1] <= 0).double().mean()) / 2
            state["confusion/scale"] *= 0.999 if accuracy < hold - 0.05 else 1 / 0.999 if accuracy > hold + 0.05 else 1
            values["confusion-scale"] = state["confusion/scale"]
        out["losses"].update({f"{k}/{step}": float(v) for k, v in values.items()})
    if shares:
        assert all(0.02 < share < 0.98 for share in shares), shares
    out["after"] = {**auto, **disc, **judges, **state, **averages, **{k: v for n in nets + readers for k, v in n.state().items()}}
    return {k: {n: shared.sampled(v) if torch.is_tensor(v) else v for n, v in of.items()} for k, of in out.items()}


out = {"about": "training steps by PyTorch " + torch.__version__ + " in float64, made by golden_codes.py"}
for name, made in {
    "pin": steps(pin=1, collapse=0.1),
    "independence": steps(independence=2),
    "hold": steps(hold=0.75),
    "swap": steps(swap=0.5, decay=0.9),
    "removal": steps(removal=0.4, decay=0.1),
    "union": steps(union=0.3),
    "edges": steps(edges=0.8),
    "alone": steps(alone=0.6),
    "plain": steps(pin=0.5, norm=False),
    "fixed": steps(swap=0.5, fixed=True, alone=0.2, decay=0.1),
    "shared": steps(swap=0.5, removal=0.4, alone=0.2, decay=0.1),
    "paste": steps(alone=0.2, paste=4),
    "pasted": steps(removal=0.4, swap=0.5, decay=0.1, paste=0.7),
    "adversary": steps(swap=0.5, decay=0.1, adversary=0.8),
    "kept": steps(swap=0.5, decay=0.1, alone=0.2, kept=1.5),
    "again": steps(swap=0.5, decay=0.1, again=0.7),
    "cut": steps(swap=0.5, decay=0.1, alone=0.2, again=0.7, cut=2),
    "elsewhere": steps(alone=0.6, elsewhere=True),
    "unread": steps(swap=0.5, removal=0.4, decay=0.1, unread=True),
    "swapped": steps(swap=0.5, decay=0.1, alone=0.2, edges=0.8, kept=1.5, again=0.7, elsewhere=True, unread=True, adversary=0.8),
    "region": steps(swap=0.5, decay=0.1, alone=0.2, kept=1.5, region=(0.9, 1.0, 1, 0.3)),
    "hidden": steps(swap=0.5, decay=0.1, alone=0.2, again=0.7, paste=0.7, region=(0.9, 1.0, 1, 1), hidden=True),
    "only": steps(swap=0.5, removal=0.4, decay=0.1, region=(0.9, 1.0, 1, 1), only=True),
    "weight": steps(swap=0.5, decay=0.1, edges=0.8, again=0.7, region=(0.9, 1.0, 1, 1), weighs=3, only=True),
    "bare": steps(removal=0.4, decay=0.1, alone=0.6, region=(0.9, 1.0, 1, 0.3), bare=True),
    "few": steps(swap=0.5, decay=0.1, codes=3),
    "all": steps(pin=0.6, collapse=0.2, independence=1.5, hold=0.75, swap=0.5, removal=0.4, union=0.3, decay=0.1, edges=0.8),
}.items():
    out[name] = made
shared.write(os.path.join(HERE, "golden_codes.json"), out, lambda t: t)
