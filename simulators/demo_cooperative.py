"""The cooperative that demonstrations are about."""

from __future__ import annotations

from typing import Final

from core.model.land import Cooperative

COOPERATIVE: Final = Cooperative("demo", "Hợp tác xã Cánh Đồng (mô phỏng / simulated)")
