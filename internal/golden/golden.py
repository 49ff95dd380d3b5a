"""What the scripts share that write golden files by PyTorch: parameters and images from
names (fill), tensors whole or sampled, the file."""
import json
import zlib

import numpy as np
import torch

torch.use_deterministic_algorithms(True)
KEPT = 24  # values of a sampled tensor


def fill(name, shape, low, high):
    """Values in [low, high) from a hash of the name and the place."""
    with np.errstate(over="ignore"):
        x = np.arange(int(np.prod(shape)), dtype=np.uint32) * np.uint32(2654435761) + np.uint32(zlib.crc32(name.encode()))
        for shift, factor in ((15, 2246822519), (13, 3266489917)):
            x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
        x ^= x >> np.uint32(16)
    unit = (x >> np.uint32(8)).astype(np.float64) / 2**24
    return torch.from_numpy((low + (high - low) * unit).astype(np.float32).astype(np.float64).reshape(shape))


def whole(t):
    return [float(f"{x:.9g}") for x in t.detach().flatten().tolist()]


def sampled(t):
    flat = t.detach().flatten()
    kept = flat[:: max(1, flat.numel() // KEPT)][:KEPT]
    return {"n": flat.numel(), "abs": float(flat.double().abs().sum()), "values": whole(kept)}


def write(path, out, keep):
    """Keeps the tensors of every dictionary of out by keep."""
    for part, values in out.items():
        if isinstance(values, dict):
            out[part] = {k: keep(v) if torch.is_tensor(v) else v for k, v in values.items()}
    with open(path, "w") as f:
        json.dump(out, f)


def parameter(name, shape, salt=""):
    """The value of a parameter before a step: scales and variances around 1, weights by the size of
    their first row, whatever else small."""
    kind, bound = name.rsplit("/", 1)[-1], 0.1
    if kind in ("scale", "variance"):
        return fill(salt + name, shape, 0.5, 1.5)
    if len(shape) > 1:
        bound = (2 * shape[0] / np.prod(shape)) ** 0.5
    return fill(salt + name, shape, -bound, bound)
