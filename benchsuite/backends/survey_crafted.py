"""Requests made backwards, from the state in the middle of an algorithm at which implementations carry
wrongly: GCM's counter block about to wrap, Poly1305's number around its modulus or the limbs it has."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

from benchsuite.backends.reference import block_cipher

# ---- GCM ----

_GCM_BITS = 128
_R = 0xE1 << 120


def _times(x: int, y: int) -> int:
    """The product in GCM's field (SP 800-38D, 6.3): bit 0 is the leftmost one."""
    product = 0
    for bit in range(127, -1, -1):
        if x >> bit & 1:
            product ^= y
        y = y >> 1 ^ (_R if y & 1 else 0)
    return product


def _inverse(x: int) -> int:
    """1/x = x to the power 2**128 - 2."""
    result, square = 1 << 127, x
    for _ in range(127):
        square = _times(square, square)
        result = _times(result, square)
    return result


class CounterBlocks:
    """GCM's first counter blocks with one AES key, from nonces that are not 12 bytes long, and back."""

    def __init__(self, key: bytes) -> None:
        encryptor = block_cipher(f"aes-{8 * len(key)}-ecb", key)(b"").encryptor()
        self._h = int.from_bytes(encryptor.update(bytes(16)), "big")
        self._inverse = _inverse(self._h)

    def of_nonce(self, nonce: bytes) -> bytes:
        """The counter block of a nonce of any length but 12."""
        state = 0
        for at in range(0, len(nonce), 16):
            state = _times(state ^ int.from_bytes(nonce[at : at + 16].ljust(16, b"\0"), "big"), self._h)
        return _times(state ^ 8 * len(nonce), self._h).to_bytes(16, "big")

    def nonce_for(self, block: bytes) -> bytes:
        """The nonce of 16 bytes that leads to this counter block."""
        last = _times(int.from_bytes(block, "big"), self._inverse) ^ _GCM_BITS
        return _times(last, self._inverse).to_bytes(16, "big")


# ---- Poly1305 ----

_P = (1 << 130) - 5
_BLOCK = 1 << 128  # the bit that is added behind every whole block


def _clamped(half: bytes) -> int:
    return int.from_bytes(half, "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF


def _one_time_key(key: bytes, nonce: bytes) -> tuple[int, int]:
    """Poly1305's r and s for a nonce (RFC 8439, 2.6)."""
    stream = Cipher(algorithms.ChaCha20(key, bytes(4) + nonce), None).encryptor().update(bytes(32))
    return _clamped(stream[:16]), int.from_bytes(stream[16:], "little")


def _sums(s: int) -> Iterator[int]:
    """Numbers before s is added and only 128 bits are kept: around the modulus, limbs of 26, 32, 44 and 64
    bits full, and sums that carry through all of them."""
    yield from range(5)  # also kept as the modulus and more
    yield from (_P - 1, _P - 2, _P - 5)
    for bits in (26, 32, 44, 52, 64, 78, 88, 96, 104, 128, 129):
        yield (1 << bits) - 1
        yield 1 << bits
    yield (_BLOCK - s) % _P
    yield (_BLOCK - s - 1) % _P
    yield (2 * _BLOCK - s) % _P


def poly1305_texts(key: bytes, nonces: Iterator[bytes], before: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Pairs of nonce and encrypted text (`before`, of whole blocks, and one more block) with which ChaCha20-
    Poly1305, without AAD, ends in such numbers."""
    sizes = (len(before) + 16) << 64 | _BLOCK  # the last block: no AAD, and so much text
    wanted = len(list(_sums(0)))
    for which in range(wanted):
        for _, nonce in zip(range(8), nonces, strict=False):  # one in four has such a block
            r, s = _one_time_key(key, nonce)
            number = 0
            for at in range(0, len(before), 16):
                number = (number + int.from_bytes(before[at : at + 16], "little") + _BLOCK) * r % _P
            target, back = list(_sums(s))[which], pow(r, -1, _P)
            block = (((target * back - sizes) * back) - number - _BLOCK) % _P
            if block < _BLOCK:
                yield nonce, before + block.to_bytes(16, "little")
                break
