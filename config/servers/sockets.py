"""Where the servers' sockets live: a folder that only their owner can enter, with a path short enough for a socket."""

import contextlib
import hashlib
import os
import re
import stat
import sys
import tempfile
from pathlib import Path

from config.servers.errors import CannotStart

LONGEST = 103 if sys.platform == "darwin" else 107
LONGEST_NAME = len("/.s.PGSQL.5432")
PLAIN = re.compile(r"[A-Za-z0-9/._-]+")  # what every client reads the same way inside an address


def socket_folder(data: Path) -> Path:
    """The socket folder for this data folder, made if missing, mode 0700, always the same one for the same data.

    It lies inside the data folder unless that path is too long or holds letters an address would have to escape; then
    it is a folder in the temporary folder named by a hash.
    """
    inside = data.resolve() / "run"
    folder = inside if _fits(inside) else _in_temporary(data)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.getuid():
        raise CannotStart(f"{folder} must be a folder of your own for the servers' sockets. Remove it and start again.")
    if stat.S_IMODE(seen.st_mode) & 0o077:
        folder.chmod(0o700)
    return folder


def tidy(data: Path) -> None:
    """Remove the folder in the temporary folder, if there is one and its servers have left it."""
    with contextlib.suppress(OSError):
        _in_temporary(data).rmdir()


def _in_temporary(data: Path) -> Path:
    name = f"muster-{os.getuid()}-{hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:16]}"
    chosen = Path(tempfile.gettempdir()) / name
    return chosen if _fits(chosen) else Path("/tmp") / name  # noqa: S108 (owner and mode are checked)


def _fits(folder: Path) -> bool:
    text = str(folder)
    return len(os.fsencode(text)) + LONGEST_NAME <= LONGEST and PLAIN.fullmatch(text) is not None
