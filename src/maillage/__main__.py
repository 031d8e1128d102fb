"""`python -m maillage` is the command `maillage`."""

import sys

from maillage.house.cli import main

sys.exit(main())
