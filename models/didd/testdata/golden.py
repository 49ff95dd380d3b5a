#!/usr/bin/env python3
"""Writes golden.json: one DIDD training step computed by PyTorch (1.13).

Run: python3 golden.py > golden.json
Networks at 16 pixels, base 4, separate 2, one table row a stage, written anew here
from the specification: 4x4 convolutions of stride 2 with spectral normalisation
(one power iteration a training forward pass, u and v constant in the gradient,
rows = first dimension of the weight), instance normalisation, leaky relu.
"""
import json
import torch
import torch.nn.functional as F

torch.manual_seed(1)
torch.use_deterministic_algorithms(True)
BATCH, WEIGHTS = 3, {"reconstruction": 1.0, "zero": 0.7, "confusion": 0.3}


class Spectral:
    def __init__(self, name, shape):
        self.name = name
        self.w = torch.nn.Parameter(torch.empty(shape).uniform_(-0.3, 0.3))
        self.u = F.normalize(torch.randn(shape[0]), dim=0)
        self.v = F.normalize(torch.randn(self.w[0].numel()), dim=0)

    def weight(self):
        m = self.w.reshape(self.w.shape[0], -1)
        with torch.no_grad():
            v = m.t() @ self.u
            self.v = v / (v.norm() + 1e-12)
            u = m @ self.v
            self.u = u / (u.norm() + 1e-12)
        return self.w / (self.u @ (m @ self.v))


class Net:
    def __init__(self, name, inp, stages, transposed=False):
        self.name, self.transposed, self.stages, self.params = name, transposed, stages, {}
        self.layers = []
        for i, (out, spectral, norm, act) in enumerate(stages):
            shape = (inp, out, 4, 4) if transposed else (out, inp, 4, 4)
            layer = Spectral(f"{name}/conv{i+1}", shape)
            bias = torch.nn.Parameter(torch.empty(out).uniform_(-0.3, 0.3))
            self.layers.append((layer, bias, spectral, norm, act))
            self.params[layer.name + "/weight"] = layer.w
            self.params[layer.name + "/bias"] = bias
            inp = out

    def state(self):
        out = {}
        for layer, _, spectral, _, _ in self.layers:
            if spectral:
                out[layer.name + "/u"], out[layer.name + "/v"] = layer.u, layer.v
        return out

    def __call__(self, x):
        for layer, bias, spectral, norm, act in self.layers:
            w = layer.weight() if spectral else layer.w
            conv = F.conv_transpose2d if self.transposed else F.conv2d
            x = conv(x, w, bias, stride=2, padding=1)
            if norm:
                x = F.instance_norm(x, eps=1e-5)
            x = {"leaky": lambda t: F.leaky_relu(t, 0.2), "relu": F.relu, "tanh": torch.tanh}[act](x)
        return x


common = Net("common", 3, [(4, True, True, "leaky"), (6, True, False, "leaky"), (4, True, False, "leaky")])
sep_a = Net("separate-a", 3, [(4, True, True, "leaky"), (8, True, True, "leaky"), (2, True, False, "leaky")])
sep_b = Net("separate-b", 3, [(4, True, True, "leaky"), (8, True, True, "leaky"), (2, True, False, "leaky")])
decoder = Net("decoder", 8, [(8, True, True, "relu"), (4, True, True, "relu"), (3, False, False, "tanh")], transposed=True)
disc = {
    "discriminator/linear1/weight": torch.nn.Parameter(torch.empty(8, 16).uniform_(-0.3, 0.3)),
    "discriminator/linear1/bias": torch.nn.Parameter(torch.empty(8).uniform_(-0.3, 0.3)),
    "discriminator/linear2/weight": torch.nn.Parameter(torch.empty(1, 8).uniform_(-0.3, 0.3)),
    "discriminator/linear2/bias": torch.nn.Parameter(torch.empty(1).uniform_(-0.3, 0.3)),
}


def discriminate(flat):
    h = F.leaky_relu(F.linear(flat, disc["discriminator/linear1/weight"], disc["discriminator/linear1/bias"]), 0.2)
    return F.linear(h, disc["discriminator/linear2/weight"], disc["discriminator/linear2/bias"])


nets = [common, sep_a, sep_b, decoder]
auto = {k: v for n in nets for k, v in n.params.items()}
numbers = lambda t: [float(f"{x:.9g}") for x in t.detach().flatten().tolist()]
dump = lambda d: {k: numbers(v) for k, v in d.items()}
state = lambda: {k: v for n in nets for k, v in n.state().items()}

a, b = torch.rand(BATCH, 3, 16, 16) * 2 - 1, torch.rand(BATCH, 3, 16, 16) * 2 - 1
out = {"about": "one DIDD training step by PyTorch " + torch.__version__ + ", made by golden.py", "batch": BATCH, "weights": WEIGHTS,
       "a": numbers(a), "b": numbers(b), "before": {**dump(auto), **dump(disc), **dump(state())}}

opt_auto = torch.optim.Adam(auto.values(), lr=2e-4, betas=(0.5, 0.999))
opt_disc = torch.optim.Adam(disc.values(), lr=2e-4, betas=(0.5, 0.999))
bce = lambda logits, label: F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))

x = torch.cat([a, b])
c, sa, sb = common(x), sep_a(x), sep_b(x)
za, zb = torch.zeros_like(sa[:BATCH]), torch.zeros_like(sb[:BATCH])
y = decoder(torch.cat([c, torch.cat([sa[:BATCH], zb]), torch.cat([za, sb[BATCH:]])], dim=1))
logits = discriminate(c.flatten(1))
losses = {
    "reconstruction/a": F.l1_loss(y[:BATCH], a), "reconstruction/b": F.l1_loss(y[BATCH:], b),
    "zero/a": sb[:BATCH].abs().mean(), "zero/b": sa[BATCH:].abs().mean(),
    "confusion/a": bce(logits[:BATCH], 0.0), "confusion/b": bce(logits[BATCH:], 0.0),
}
total = sum(WEIGHTS[k.split("/")[0]] * v for k, v in losses.items())
opt_auto.zero_grad()
total.backward()
out["gradients"] = {k: numbers(v.grad) for k, v in auto.items()}
out["losses"] = {k: float(v) for k, v in losses.items()}
out["losses"]["gradient-norm"] = float(torch.nn.utils.clip_grad_norm_(list(auto.values()), 0.5))
opt_auto.step()
with torch.no_grad():
    flat = common(x).flatten(1)
opt_disc.zero_grad()
logits = discriminate(flat)
loss = bce(logits[:BATCH], 1.0) + bce(logits[BATCH:], 0.0)
loss.backward()
out["gradients"].update({k: numbers(v.grad) for k, v in disc.items()})
opt_disc.step()
out["losses"]["discriminator"] = float(loss)
out["after"] = {**dump(auto), **dump(disc), **dump(state())}
print(json.dumps(out))
