"""Takes the fonts of ``static/look/fonts/`` from their npm packages, with their licenses; run by hand by those who keep this project.

    python postme/website/look/fetch_fonts.py           # fetch, check, write; needs npm
    python postme/website/look/fetch_fonts.py --check   # hold what lies there against the hashes below; needs no network

Only the files that the style sheet names are taken: the latin letters, in the weights that the pages use.
"""

from __future__ import annotations

import base64
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FONTS = Path(__file__).resolve().parents[1] / "static/look/fonts"


@dataclass(frozen=True, slots=True)
class Package:
    """An npm package: its name, version and ``dist.integrity``; ``takes`` has, for each file in it, our name for it and its SHA-256."""

    name: str
    version: str
    integrity: str
    takes: Mapping[str, tuple[str, str]]


# Source: each package's dist.integrity, as npm tells it; the SHA-256 are those of the files inside.
PACKAGES = (
    Package(
        "@fontsource/public-sans", "5.3.0", "sha512-kjODI0S3zdv0mBYCIQ8TbBayaiqszpc2UbhJiO3bjIqVVXzcWfHSt2o3WBCLOY3juaGaQoy4MoWCcgmfI5hCuA==",
        {
            "LICENSE": ("Public-Sans-LICENSE", "705a497c781f6463ff819abb513bb495f3fb05256f1d20321e3275813c0bafa5"),
            "files/public-sans-latin-400-normal.woff2": ("public-sans-latin-400-normal.woff2", "36274b5787b4f03b27e65ae971d6c808a96838ccd60c9dabaee154889b6bba82"),
            "files/public-sans-latin-600-normal.woff2": ("public-sans-latin-600-normal.woff2", "c7842f97346df1b3b470e9d71acde90f132dd858508ec5ae6606401e5d0938f7"),
            "files/public-sans-latin-800-normal.woff2": ("public-sans-latin-800-normal.woff2", "e16804f79bc244ab4b40f7e3e1a9b5b626bbbac4d7bc0a0864ce45b50490da19"),
        },
    ),
    Package(
        "@fontsource/source-serif-4", "5.3.1", "sha512-cWcTCXjYYrgF9A67fThVir1VSc0lPEYmwQ6jA4pPt01s2MSCi/maINUcZoCzaqnU8fyUReDO97eGcBUkHgOeug==",
        {
            "LICENSE": ("Source-Serif-4-LICENSE", "18aabf190848725e2576eefb5c29ba06aac1029d02132252a7f312eac2e50cf3"),
            "files/source-serif-4-latin-400-normal.woff2": ("source-serif-4-latin-400-normal.woff2", "02194deb92d3975dd30e11a3824a1f1db32b48c93654e60560cb81ce8e7b5f95"),
            "files/source-serif-4-latin-400-italic.woff2": ("source-serif-4-latin-400-italic.woff2", "882b7c150c29f29d4f8daae6b8dcae8662aac7f28ca34b34615305154136ecfd"),
        },
    ),
)  # fmt: skip


def pins() -> dict[str, str]:
    """The SHA-256 that each file of the folder must have, by its name there."""
    return {ours: sha256 for package in PACKAGES for ours, sha256 in package.takes.values()}


def faults(folder: Path) -> list[str]:
    """What is wrong with a folder of fonts, a sentence each: a file that is missing, another than it was, or not ours."""
    wanted = pins()
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    missing = [f"{name} is missing." for name in sorted(wanted.keys() - found.keys())]
    strange = [f"{name} is not named in fetch_fonts.py." for name in sorted(found.keys() - wanted.keys())]
    changed = [
        f"{name} has the SHA-256 {found[name]}, not {wanted[name]}."
        for name in sorted(wanted.keys() & found.keys())
        if found[name] != wanted[name]
    ]
    return missing + strange + changed


def fetched(package: Package) -> dict[str, bytes]:
    """A package's files by the names we give them. Ends the program where a hash is another than the one above."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", f"{package.name}@{package.version}"], cwd=folder, check=True, capture_output=True)  # fmt: skip
        [path] = Path(folder).glob("*.tgz")
        return opened(package, path.read_bytes())


def opened(package: Package, data: bytes) -> dict[str, bytes]:
    """What is taken out of a package's archive; nothing is unpacked to disk. Ends the program where a hash is wrong."""
    integrity = f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"
    if integrity != package.integrity:
        sys.exit(
            f"{package.name} {package.version} has the hash {integrity}, not {package.integrity}: nothing was written."
        )
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        inside = {one.name.removeprefix("package/"): file.read() for one in tar if (file := tar.extractfile(one))}
    found = {}
    for theirs, (ours, sha256) in package.takes.items():
        if hashlib.sha256(inside[theirs]).hexdigest() != sha256:
            sys.exit(f"{theirs} of {package.name} {package.version} is another file than it was: nothing was written.")
        found[ours] = inside[theirs]
    return found


def main(check: bool) -> int:
    """Fetch and write, or with ``check`` only look; 1 where something is wrong."""
    if not check:
        files = {name: data for package in PACKAGES for name, data in fetched(package).items()}
        FONTS.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (FONTS / name).write_bytes(data)
        sys.stdout.write(f"{len(files)} files, {sum(map(len, files.values())):,} bytes\n")
    wrong = faults(FONTS)
    sys.stdout.write("".join(f"{one}\n" for one in wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
