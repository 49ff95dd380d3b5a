"""The images that TestFolderHeldOutIsPinned expects, drawn from the definition of a stream:
the head of SHA-256 over seed 0 and the purpose seeds Go's math/rand/v2 PCG-DXSM; Fisher-Yates
from the top takes draws of IntN (Lemire's multiplication).  Run: python3 heldout.py
"""
import hashlib
import struct

M64, M128 = (1 << 64) - 1, (1 << 128) - 1


class PCG:
    def __init__(self, purpose):
        head = hashlib.sha256(struct.pack("<Q", 0) + purpose.encode()).digest()[:16]
        hi, lo = struct.unpack("<QQ", head)
        self.state = hi << 64 | lo

    def uint64(self):
        multiplier = 2549297995355413924 << 64 | 4865540595714422341
        increment = 6364136223846793005 << 64 | 1442695040888963407
        self.state = (self.state * multiplier + increment) & M128
        hi, lo = self.state >> 64, self.state & M64
        cheap = 0xDA942042E4DD58B5
        hi ^= hi >> 32
        hi = hi * cheap & M64
        hi ^= hi >> 48
        return hi * (lo | 1) & M64

    def below(self, n):
        if n & (n - 1) == 0:
            return self.uint64() & (n - 1)
        product = self.uint64() * n
        while product & M64 < (1 << 64) % n:
            product = self.uint64() * n
        return product >> 64


for name, images, take in ("ant", 5, 1), ("bee", 10, 2):
    r, order = PCG("folder/test/" + name), list(range(images))
    for i in range(images - 1, 0, -1):
        j = r.below(i + 1)
        order[i], order[j] = order[j], order[i]
    print(name, sorted(order[:take]))
