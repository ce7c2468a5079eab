"""`bin/bench NAME [OPTIONS]`: run one benchmark; without a name, say which there are."""

import importlib
import pkgutil
import sys

import bench

PARTS = {"frame", "intake_floor", "live_floor", "status_floor", "__main__"}


def names() -> list[str]:
    """The benchmarks there are: every module of this package that has a `main`."""
    return sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if module.name not in PARTS)


def main(words: list[str]) -> int:
    """The benchmark's own exit code."""
    if not words or words[0] not in names():
        print("usage: bin/bench NAME [OPTIONS]\n")
        for name in names():
            words_of = (importlib.import_module(f"bench.{name}").__doc__ or "").strip().splitlines()
            print(f"  {name:<12}{words_of[0] if words_of else ''}")
        return 0 if not words or words[0] in {"-h", "--help"} else 2
    return int(importlib.import_module(f"bench.{words[0]}").main(words[1:]) or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
