"""Makes MATLAB v7.3 files as MATLAB lays them out, by h5py: python3 make73.py (writes here).

MATLAB's layout: HDF5 of the earliest version behind a block of 512 bytes, axes in reverse
order, the class of each variable in MATLAB_class, an empty one as its lengths, cells as
references into #refs#, a sparse matrix as a group. h5py's files hold no times, so that
their bytes stay the same. twin.mat is the v5 file that SciPy writes of the same variables.
"""
import h5py
import numpy as np
import scipy.sparse as sp
from scipy.io import savemat

words = ["cat", "zebra", "Äpfel", "ox"]
x = np.array([[0.5, -1, 2], [3, 4.25, 250], [-0.125, 1e300, 7], [8, 9, 10]])
s = sp.csc_matrix(np.array([[0, 0, 2.5], [0, 0, 0], [-1, 0, 4], [0, 0, 0.5]]))


def marked(o, kind, **more):
    o.attrs.create("MATLAB_class", np.bytes_(kind))
    for k, v in more.items():
        o.attrs["MATLAB_" + k] = v
    return o


def number(g, name, a, kind=None, **how):
    """A matrix, by columns; logical and char are numbers of another class."""
    kind = kind or {"f8": "double", "f4": "single"}.get(a.dtype.str[1:], a.dtype.name)
    more = {"char": {"int_decode": np.int32(2)}, "logical": {"int_decode": np.int32(1)}}.get(kind, {})
    return marked(g.create_dataset(name, data=a.T, track_times=False, **how), kind, **more)


def empty(g, name, kind, *lengths):
    return marked(g.create_dataset(name, data=np.array(lengths, np.uint64), track_times=False), kind, empty=np.uint8(1))


def chars(g, name, texts):
    units = np.array([[ord(c) for c in t.ljust(max(map(len, texts)))] for t in texts], np.uint16)
    return number(g, name, units, "char")


def cells(f, name, members):
    refs = f.require_group("#refs#")
    out = np.empty((len(members), 1), h5py.ref_dtype)
    for i, m in enumerate(members):
        key = f"{name}{i}"
        if m == "":
            o = empty(refs, key, "char", 0, 0)
        elif isinstance(m, str):
            o = chars(refs, key, [m])
        else:
            o = number(refs, key, np.array([[m]]))
        out[i] = o.ref
    return marked(f.create_dataset(name, data=out.T, dtype=h5py.ref_dtype, track_times=False), "cell")


def sparse(f, name, m):
    g = marked(f.create_group(name), "double", sparse=np.uint64(m.shape[0]))
    if m.nnz:
        g.create_dataset("data", data=m.data, track_times=False)
        g.create_dataset("ir", data=m.indices.astype(np.uint64), track_times=False)
    g.create_dataset("jc", data=m.indptr.astype(np.uint64), track_times=False)


def create(path):
    return h5py.File(path, "w", libver="earliest", userblock_size=512)


def finish(f, path):
    f.close()
    with open(path, "r+b") as f:
        f.write(b"MATLAB 7.3 MAT-file, made in the manner of MATLAB by h5py, HDF5 schema 1.00 .".ljust(124) + b"\x00\x02IM")


with create("v73.mat") as f:
    number(f, "fts", x)
    number(f, "labels", np.array([[1], [10], [3], [9]], np.uint8))
    number(f, "single", x[:2].astype(np.float32))
    for kind in ["int8", "int16", "int32", "int64"]:
        number(f, kind, np.array([[-3, 100, 7]], kind))
    for kind in ["uint16", "uint32", "uint64"]:
        number(f, kind, np.array([[3], [200]], kind))
    number(f, "big", np.array([[1.5, -2]], ">f8"))
    number(f, "logical", np.array([[1, 0, 1]], np.uint8), "logical")
    number(f, "cube", np.arange(24).reshape(2, 3, 4).astype(np.int16))
    number(f, "packed", np.arange(35).reshape(5, 7) - 8.5, chunks=(3, 2), compression="gzip")
    number(f, "scalar", np.array([[2.0]]))
    chars(f, "names", words)
    chars(f, "word", ["ox"])
    cells(f, "cells", words)
    cells(f, "gaps", ["a", ""])
    cells(f, "mixed", ["a", 1.0])
    empty(f, "none", "double", 0, 3)
    empty(f, "nothing", "char", 0, 0)
    empty(f, "hollow", "cell", 0, 0)
    number(f, "complex", np.array([[1 + 2j]]), "double")
    g = marked(f.create_group("struct"), "struct")
    number(g, "inner", np.array([[1.0]]))
    marked(f.create_dataset("string", data=np.zeros((1, 6), np.uint32), track_times=False), "string", object_decode=np.int32(3))
    sparse(f, "sparse", s)
    sparse(f, "zeros", sp.csc_matrix((2, 3)))
finish(f, "v73.mat")
savemat("twin.mat", {
    "fts": x, "labels": np.array([[1], [10], [3], [9]], np.uint8), "names": np.array(words), "sparse": s,
    "cells": np.array([[w] for w in words], object), "cube": np.arange(24).reshape(2, 3, 4).astype(np.int16),
    "logical": np.array([[True, False, True]]), "none": np.zeros((0, 3)), "nothing": ""})

# Chunks: whole and cut at the edges, packed and not.
with create("v73-packed.mat") as f:
    a = np.arange(35).reshape(5, 7) - 8.5
    number(f, "plain", a, chunks=(3, 2))
    number(f, "shuffled", a, chunks=(7, 3), compression="gzip", shuffle=True)
    number(f, "cube", np.arange(60).reshape(3, 4, 5).astype(np.int32), chunks=(2, 4, 2), compression="gzip")
    number(f, "bytes", np.arange(12).reshape(3, 4).astype(np.uint8), chunks=(4, 3), compression="gzip")
finish(f, "v73-packed.mat")

# Some chunks missing, more of them than a node of their index takes (64), and numbers
# within the header.
with create("v73-gaps.mat") as f:
    d = marked(f.create_dataset("gaps", (3, 4), "f8", chunks=(2, 2), track_times=False), "double")
    d[0:2, 2:4] = 1.5
    d = marked(f.create_dataset("filled", (3, 4), "i2", chunks=(2, 2), fillvalue=-7, track_times=False), "int16")
    d[2, 0] = 1
    marked(f.create_dataset("blank", (2, 1), "f8", track_times=False), "double")
    d = marked(f.create_dataset("half packed", (1, 4), "i2", chunks=(1, 2), compression="gzip", track_times=False), "int16")
    d[0, 2:4] = [3, 4]
    d.id.write_direct_chunk((0, 0), np.array([1, 2], np.int16).tobytes(), filter_mask=1)
    how = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    how.set_layout(h5py.h5d.COMPACT)
    how.set_obj_track_times(False)
    h5py.h5d.create(f.id, b"compact", h5py.h5t.STD_I16LE, h5py.h5s.create_simple((1, 3)), how)
    marked(f["compact"], "int16")[0] = [5, -6, 7]
    number(f, "many", np.arange(70, dtype=np.uint8).reshape(-1, 1), chunks=(1, 1))
finish(f, "v73-gaps.mat")

# What is not read.
for name, how in {"v73-fletcher.mat": {"fletcher32": True}, "v73-lzf.mat": {"compression": "lzf"}, "v73-half.mat": {"dtype": "f2"}}.items():
    with create(name) as f:
        marked(f.create_dataset("x", data=np.ones((2, 2)), track_times=False, **how), "double")
    finish(f, name)
with h5py.File("v73-foreign.mat", "w", libver="earliest") as f:
    f.create_dataset("x", data=x, track_times=False)
