#!/usr/bin/env python3
"""Makes the reference data that the tests compare with.

    python3 -m venv .venv && .venv/bin/pip install -r Fixtures/requirements.txt
    .venv/bin/python Fixtures/make_fixtures.py [part ...]

Each part is a module in `Fixtures/makers/` with a function `make(folder)` that fills
`Fixtures/<part>/`. Without arguments, every part is made.
"""
import importlib
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent


def main(parts):
    sys.path.insert(0, str(HERE))
    names = sorted(p.stem for p in (HERE / "makers").glob("*.py") if p.stem != "__init__")
    for name in parts or names:
        if name not in names:
            sys.exit(f"no part named {name}; there are: {', '.join(names)}")
        folder = HERE / name
        folder.mkdir(exist_ok=True)
        importlib.import_module(f"makers.{name}").make(folder)
        size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
        print(f"{name}: {size / 1024:.0f} KiB in {folder}")


if __name__ == "__main__":
    main(sys.argv[1:])
