"""Makes rows.h5, as h5py writes files by default: python3 make.py (writes here).

Every array counts: element i of all, row by row, is i modulo 251.
"""
import h5py
import numpy as np


def counted(shape, kind):
    return (np.arange(np.prod(shape)) % 251).astype(kind).reshape(shape)


with h5py.File("rows.h5", "w") as f:
    how = {"track_times": False}
    f.create_dataset("packed", data=counted((10, 6, 5, 3), np.uint8), chunks=(4, 4, 2, 1), compression="gzip", **how)
    f.create_dataset("shuffled", data=counted((9, 4), "f8"), chunks=(2, 3), compression="gzip", shuffle=True, **how)
    f.create_dataset("chunked", data=counted((9, 4), "i2"), chunks=(5, 4), **how)
    f.create_dataset("contiguous", data=counted((9, 4), "f4"), **how)
    f.create_dataset("line", data=counted((13,), "f8"), chunks=(4,), **how)
    f.create_dataset("nothing", shape=(6, 2), dtype=np.uint8, fillvalue=7, **how)
    f.create_dataset("single", data=np.float64(3), **how)
    f.create_dataset("empty", shape=(4, 0), dtype=np.uint8, **how)
    space, plist = h5py.h5s.create_simple((5, 3)), h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    plist.set_obj_track_times(False)
    small = h5py.h5d.create(f.id, b"compact", h5py.h5t.NATIVE_UINT8, space, plist)
    small.write(h5py.h5s.ALL, h5py.h5s.ALL, counted((5, 3), np.uint8))
