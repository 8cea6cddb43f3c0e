"""``python -m archwright`` is the same as ``archwright``."""

from .entrypoints.cli.main import main

if __name__ == "__main__":
    main()
