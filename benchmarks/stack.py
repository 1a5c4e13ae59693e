"""The benchmarks of many machines, one after the other: `make bench-stack`.

Each starts the real servers that it needs and prints what it ran on.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys

NAMES = ("stack_store", "stack_workers", "stack_index")


def main() -> int:
    """Run them; 1 when any missed its goal."""
    load = os.getloadavg()[0]
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {load:.1f} before", flush=True)
    missed = []
    for name in NAMES:
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode:
            missed.append(name)
        print(flush=True)
    print(f"missed: {', '.join(missed)}" if missed else "all goals met")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
