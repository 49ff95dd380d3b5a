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
