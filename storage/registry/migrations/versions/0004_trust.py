"""Results say more: the dose's variation, transit and failsafe, grades, net areas expected, why there is no area."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_EXPECTED = ("net_expected_m2", "net_low_m2", "net_high_m2")
_NEW: Final[dict[str, dict[str, Any]]] = {
    "flight": {
        **dict.fromkeys(("off_transit_m2", "off_failsafe_m2", *_EXPECTED), sa.Float()),
        "trust": sa.JSON(),
        "no_area": sa.String(32),
    },
    "flight_plot": dict.fromkeys(("dose_cv", *_EXPECTED), sa.Float()),
    "job_plot": dict.fromkeys(("dose_cv", *_EXPECTED), sa.Float()),
}
"""New columns by table. They are null in what was computed before: nobody knows."""


def upgrade() -> None:
    """Add the columns."""
    for table, columns in _NEW.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """Drop the columns; the results stay with the figures that they had before."""
    for table, columns in _NEW.items():
        for name in columns:
            op.drop_column(table, name)
