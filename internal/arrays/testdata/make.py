"""Makes the arrays that the tests read, by NumPy and SciPy: python3 make.py (writes here).

Each holds a 2 x 3 array x and labels y in the type, order and format of its name.
"""
import numpy as np
from scipy.io import savemat

x = np.array([[0.5, -1, 2], [3, 4.25, 250]])
y = np.array([[1], [10]], np.uint8)
savemat("plain.mat", {"fts": x, "labels": y, "text": "left out", "cell": np.array([1, "a"], object), "c": np.array([1j])})
savemat("packed.mat", {"fts": np.abs(np.round(x)).astype(np.uint8), "labels": y.astype(float)}, do_compression=True)
savemat("cube.mat", {"X": np.arange(24).reshape(2, 3, 4).astype(np.int16)}, do_compression=True)
np.save("c-f8.npy", x)
np.save("fortran-f4.npy", np.asfortranarray(x.astype(np.float32)))
np.save("big-i2.npy", np.round(x).astype(">i2"))
np.savez("plain.npz", X=x, y=y.ravel())
np.savez_compressed("packed.npz", X=x.astype(np.float32), y=y.ravel().astype(np.int64))

# Texts, other widths of numbers and what nobody asks for.
words = np.array(["Ä", "b", ""])
np.save("texts-le.npy", words.astype("<U2"))
np.save("texts-be.npy", words.astype(">U2"))
np.save("texts-fortran.npy", np.asfortranarray([["a", "bb"], ["c", "dd"], ["e", "ff"]]))
np.save("bytes.npy", np.array([b"cat", b"ox", b""], "S3"))
np.save("bool.npy", np.array([[True, False, True], [False, False, True]]))
np.save("half.npy", np.array([[0.5, -1, 65504], [2**-24, -2**-14, 0.1]], np.float16))  # 0.1 is 0.0999755859375
np.save("half-be.npy", np.array([[0.5, -1, 65504], [2**-24, -2**-14, 0.1]], ">f2"))
np.savez("mixed.npz", X=x.astype(np.float16), y=np.array(["cat", "dog"]), when=np.array(["2020-01-01"], "M8[D]"),
         record=np.zeros(2, [("a", "i4")]), object=np.array([{}, 1], object), z=np.array([1j]), epoch=np.array(3))
import scipy.sparse as sp
s = sp.csc_matrix(np.array([[0, 0, 2.5], [0, 0, 0], [-1, 0, 4], [0, 0, 0.5]]))
texts = {"names": np.array(["cat", "zebra", "Äpfel", "ox"]), "cells": np.array([["cat"], ["zebra"], ["Äpfel"], ["ox"]], object)}
savemat("sparse.mat", {"fts": s, **texts})
savemat("sparse-packed.mat", {"fts": s, **texts}, do_compression=True)
# Images as SVHN has them: height x width x channels x images of bytes.
savemat("images.mat", {"X": np.arange(2 * 3 * 3 * 4).reshape(2, 3, 3, 4).astype(np.uint8), "y": np.array([[1], [10], [3], [9]], np.uint8), "w": np.array([[0.5, 300]])}, do_compression=True)
