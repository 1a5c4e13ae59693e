"""A restore that kills itself: `python -m tests.servers.dying DATA_DIR BACKUP NUMBER`.

It dies as `kill -9` does, right before its NUMBERth touch of a file: the interpreter
reports each open, rename and removal to an audit hook. With fewer touches than that
it comes to its end and exits with 0.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from pathlib import Path

from monitor.config import load_settings
from monitor.services.backup import restore

TOUCHES = {
    "open",
    "os.chmod",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.truncate",
    "shutil.copyfile",
    "sqlite3.connect",
}


def main() -> None:
    """Restore, or die trying."""
    data_dir, folder, number = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    settings = load_settings(data_dir=data_dir)
    counted = itertools.count(1)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        # Modules that are imported late are files too, but not the operator's.
        is_touch = event in TOUCHES and str(data_dir.parent) in str(arguments[0])
        if is_touch and next(counted) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    restore(settings, folder, is_forced=True)


if __name__ == "__main__":
    main()
