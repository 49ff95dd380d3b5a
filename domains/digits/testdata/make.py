"""Files and draws that the tests of digits read: PYTHONPATH=internal/stream python3 make.py

usps/usps.bz2 and usps/usps.t.bz2 are LIBSVM's text, packed by bzip2: pixel k (from 0) of
image i is ((k + 7i) mod 16 - 8)/8, its label i mod 10 + 1.  What it prints are the windows of
photographs under the first images of MNIST-M in TestMNISTMIsPinned: photograph, column, row.
"""
import bz2
import os

from stream import Stream

here = os.path.dirname(os.path.abspath(__file__))
for name, n in ("usps.bz2", 12), ("usps.t.bz2", 3):
    lines = [" ".join([str(i % 10 + 1)] + [f"{k + 1}:{((k + 7 * i) % 16 - 8) / 8:g}" for k in range(256)]) for i in range(n)]
    with open(os.path.join(here, "usps", name), "wb") as f:
        f.write(bz2.compress(("\n".join(lines) + "\n").encode()))
for part, rows in ("train", 6), ("test", 2):
    draws = []
    for row in range(rows):
        r = Stream(0, f"mnist-m/{part}/{row}")
        draws.append((r.below(2), r.below(3), r.below(2)))
    print(part, draws)
