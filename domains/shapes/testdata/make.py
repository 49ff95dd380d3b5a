"""Makes small files of the form of 3dshapes.h5, by h5py: python3 make.py (writes here).

An image tells its own labels: its upper half has 25 x the levels of floor, wall and object hue
as red, green and blue, its lower half 30 x size, 60 x shape and 17 x orientation, and the pixel
in the upper left corner is 255 0 0, the one in the upper right 0 255 0.
"""
import itertools

import h5py
import numpy as np

LEVELS = (10, 10, 10, 8, 4, 15)
RANGES = [np.linspace(0, 0.9, 10)] * 3 + [np.linspace(0.75, 1.25, 8), np.arange(4.0), np.linspace(-30, 30, 15)]


def image(room):
    out = np.empty((64, 64, 3), np.uint8)
    out[:32] = [25 * v for v in room[:3]]
    out[32:] = [30 * int(room[3]), 60 * room[4], 17 * room[5]]
    out[0, 0], out[0, 63] = (255, 0, 0), (0, 255, 0)
    return out


def labels(rooms):
    return np.array([[RANGES[f][v] for f, v in enumerate(r)] for r in rooms])


def write(name, rooms, chunks=None, kind=np.uint8, order="<f8", extra=0):
    with h5py.File(name, "w") as f:
        how = {} if chunks is None else {"compression": "gzip", "compression_opts": 9}
        images = np.array([image(r) for r in rooms])
        f.create_dataset("images", data=images.astype(kind), chunks=chunks, track_times=False, **how)
        if extra is not None:
            rows = np.concatenate([labels(rooms), np.full((extra, 6), 0.5)])
            f.create_dataset("labels", data=rows.astype(order), track_times=False, **how)


if __name__ == "__main__":
    # Every room of either domain in the published order, in chunks as h5py would cut them.
    both = [r for r in itertools.product(*map(range, LEVELS)) if (r[3], r[5]) == (5, 0) or r[:2] == (0, 7)]
    write("rooms.h5", both, (2920, 32, 64, 1))
    few = [(0, 0, 0, 5, 0, 0), (9, 9, 9, 5, 3, 0), (0, 7, 2, 7, 1, 14), (3, 4, 5, 5, 2, 0)]
    write("few.h5", few, (3, 16, 16, 1), order=">f8")
    write("plain.h5", few[:2])
    write("no-labels.h5", few[:1], (1, 64, 64, 3), extra=None)
    write("more-labels.h5", few[:1], (1, 64, 64, 3), extra=2)
    write("floats.h5", few[:1], (1, 64, 64, 3), kind=np.float32)
    off = [(0, 0, 0, 5.3, 0, 0)]
    RANGES[3] = {5.3: 1.13}
    write("off.h5", off, (1, 64, 64, 3))
