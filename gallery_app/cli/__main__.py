"""`python -m gallery_app.cli`: the same as the installed `gallery`."""

import sys

from gallery_app.cli import main

if __name__ == "__main__":
    sys.exit(main())
