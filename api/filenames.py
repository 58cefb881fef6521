"""What people call things, as names of files."""

from __future__ import annotations

import re
from typing import Final

_NOWHERE: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


def file_name(text: str) -> str:
    """A text without what some system takes for a folder, or does not take: a job may be called "vụ 3/2026"."""
    return _NOWHERE.sub("_", text)
