"""What holds for all tests: property tests try the same examples every time, unless one goes exploring.

``HYPOTHESIS_PROFILE=explore make test`` tries new ones each time, and keeps those that fail.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
