"""Bad field files and what is said of each: the error that refuses the file, or what became of every feature."""

from __future__ import annotations

from tests.golden.land.bad_files import FILES
from tests.golden.land.bad_places import PLACES
from tests.golden.land.bad_shapes import SHAPES
from tests.golden.land.bad_tables import TABLES
from tests.golden.land.case import Case

CASES: tuple[Case, ...] = (*SHAPES, *PLACES, *TABLES, *FILES)
