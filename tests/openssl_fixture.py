"""What an `openssl speed` of a given version prints of given counts, by the format strings of its source."""

from __future__ import annotations

from dataclasses import dataclass, field

SIZES = (16, 64, 256, 1024, 8192, 16384)


@dataclass(frozen=True)
class Version:
    banner: str
    sizes: int = 6  # how many
    bits: str = "bits"
    ops: str = "'s"  # what is said of operations
    seconds: bool = False  # +F2 to +F5 are
    encrypts: bool = False  # RSA is measured four times


VERSIONS = {
    "0.9.8": Version("OpenSSL 0.9.8zh 3 Dec 2015", 5, "bit", seconds=True),
    "1.0.2": Version("OpenSSL 1.0.2u  20 Dec 2019", 5, "bit", seconds=True),
    "1.1.0": Version("OpenSSL 1.1.0l  10 Sep 2019", 6, "bit", seconds=True),
    "1.1.1": Version("OpenSSL 1.1.1w  11 Sep 2023"),
    "3.0": Version("version: 3.0.13"),
    "3.2": Version("version: 3.2.1", ops=" ops", encrypts=True),
    "LibreSSL 2": Version("LibreSSL 2.8.3", 5, "bit", seconds=True),
    "LibreSSL 4": Version("LibreSSL 4.2.0", 5, "bit", "", seconds=True),
}


@dataclass
class Speed:
    """One start: counts by cipher and size, of RSA's operations, of P-256's key exchange."""

    version: Version
    ciphers: dict[str, list[int]]
    rsa: list[int]
    ecdh: int
    used: float = 1.0  # seconds on the clock it reads, of each that passes
    mr: bool = False
    elapsed: bool = False
    errors: list[str] = field(default_factory=list)  # standard error
    output: list[str] = field(default_factory=list)  # standard output

    def __post_init__(self) -> None:
        if self.elapsed and not self.mr:
            self.errors.append("You have chosen to measure elapsed time instead of user CPU time.")
        self._count_ciphers()
        self._count_keys()
        if not self.mr:
            self.output += [self.version.banner, "built on: reproducible build", "options:bn(64,64)"]
            self.output += ["The 'numbers' are in 1000s of bytes per second processed."]
        self._tables()

    @property
    def truth(self) -> dict[tuple[str, str, int], float]:
        """Requests per second of elapsed time."""
        found = {
            (name.replace(" ", "-"), "digest" if name == "sha256" else "encrypt", size): count / 3
            for name, counts in self.ciphers.items()
            for size, count in zip(SIZES, counts, strict=False)
        }
        found |= {("rsa-2048", op, 0): count / 10 for op, count in zip(self.ops, self.rsa, strict=False)}
        return found | {("ecdh", "derive", 0): self.ecdh / 10}

    @property
    def ops(self) -> list[str]:
        return ["sign", "verify", *(["encrypt", "decrypt"] if self.version.encrypts else [])]

    def _said(self, head: str, tail: str) -> None:
        """On standard error, half a line after the other."""
        self.errors.append(f"{head}: {tail}")

    def _count_ciphers(self) -> None:
        ops, seconds = self.version.ops, 3 * self.used
        for name, counts in self.ciphers.items():
            for size, count in zip(SIZES, counts, strict=False):
                if self.mr:
                    self.errors += [f"+DT:{name}:3:{size}", f"+R:{count}:{name}:{seconds:f}"]
                    continue
                head = f"Doing {name}{ops.replace(chr(39) + 's', '')} for 3s on {size} size blocks"
                self._said(head, f"{count} {name}{ops} in {seconds:.2f}s")

    def _count_keys(self) -> None:
        bit, ops, seconds = self.version.bits, self.version.ops, 10 * self.used
        for number, (op, count) in enumerate(zip(self.ops, self.rsa, strict=False), 1):
            head, tail = ("private", "private") if op in ("sign", "decrypt") else ("public", "public")
            head = "private" if op == "encrypt" else head  # as it has it
            what = f" {op}" if self.version.encrypts else ""
            if self.mr:
                self.errors += [f"+DTP:2048:{head}:rsa{what}:10", f"+R{number}:{count}:2048:{seconds:.2f}"]
            else:
                self._said(
                    f"Doing 2048 {bit} {head} rsa{what}{ops} for 10s",
                    f"{count} 2048 {bit} {tail} RSA{what}{ops} in {seconds:.2f}s",
                )
        if self.mr:
            self.errors += [
                "+DTP:256::ecdh:10",
                f"+R{7 + 2 * self.version.encrypts}:{self.ecdh}:256:{seconds:.2f}",
            ]
        else:
            self._said(
                f"Doing 256 {bit}  ecdh{ops} for 10s", f"{self.ecdh} 256-{bit} ECDH ops in {seconds:.2f}s"
            )

    def _tables(self) -> None:
        sizes = SIZES[: self.version.sizes]
        by_clock = {
            name: [count / 3 / self.used * size for size, count in zip(SIZES, counts, strict=False)]
            for name, counts in self.ciphers.items()
        }
        keys = [count / 10 / self.used for count in self.rsa[: len(self.ops)]]
        exchange = self.ecdh / 10 / self.used
        if self.mr:
            self.output.append("+H:" + ":".join(map(str, sizes)))
            for number, (name, rates) in enumerate(by_clock.items()):
                self.output.append(f"+F:{number}:{name}:" + ":".join(f"{rate:.2f}" for rate in rates))
            shown = [1 / rate for rate in keys] if self.version.seconds else keys
            pair = (1 / exchange, exchange) if self.version.seconds else (exchange, 1 / exchange)
            self.output.append("+F2:2:2048:" + ":".join(f"{each:f}" for each in shown))
            self.output.append(f"+F5:3:256:{pair[0]:f}:{pair[1]:f}")
            return
        self.output.append("type        " + "".join(f"{size:7d} bytes" for size in sizes))
        for name, rates in by_clock.items():
            cells = (f" {rate / 1000:11.2f}k" if rate > 10000 else f" {rate:11.2f} " for rate in rates)
            self.output.append(f"{name:<13}" + "".join(cells))
        several = "    encrypt   decrypt" if self.version.encrypts else ""
        rates = "  encr./s  decr./s" if self.version.encrypts else ""
        self.output.append(f"{'':18}sign    verify{several}    sign/s verify/s{rates}")
        times = "".join(f" {1 / rate:8.6f}s" for rate in keys)
        self.output.append(f"rsa 2048 bits{times}" + "".join(f" {rate:8.1f}" for rate in keys))
        self.output.append(f"{'':30}op      op/s")
        self.output.append(f" 256 {self.version.bits} ecdh (nistp256) {1 / exchange:8.4f}s {exchange:8.1f}")
