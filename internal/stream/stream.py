"""Streams as stream.go defines them, for the scripts that write what tests expect: the head
of SHA-256 over the seed and the purpose seeds a PCG-DXSM of 128 bits, as in Go's math/rand/v2;
draws below n are Lemire's; permutations are by Fisher and Yates from the top."""
import hashlib
import struct

M64, M128 = (1 << 64) - 1, (1 << 128) - 1


class Stream:
    def __init__(self, seed, purpose):
        head = hashlib.sha256(struct.pack("<Q", seed) + purpose.encode()).digest()[:16]
        hi, lo = struct.unpack("<QQ", head)
        self.state = hi << 64 | lo

    def uint64(self):
        multiplier = 2549297995355413924 << 64 | 4865540595714422341
        increment = 6364136223846793005 << 64 | 1442695040888963407
        self.state = (self.state * multiplier + increment) & M128
        hi, lo = self.state >> 64, self.state & M64
        hi ^= hi >> 32
        hi = hi * 0xDA942042E4DD58B5 & M64
        hi ^= hi >> 48
        return hi * (lo | 1) & M64

    def below(self, n):
        if n & (n - 1) == 0:
            return self.uint64() & (n - 1)
        product = self.uint64() * n
        while product & M64 < (1 << 64) % n:
            product = self.uint64() * n
        return product >> 64

    def permutation(self, n):
        p = list(range(n))
        for i in range(n - 1, 0, -1):
            j = self.below(i + 1)
            p[i], p[j] = p[j], p[i]
        return p
