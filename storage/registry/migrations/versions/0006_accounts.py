"""Accounts, sessions, keys of machines, and the audit log."""

import sqlalchemy as sa
from alembic import op

from storage.registry.columns import identifier

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_HASH = sa.String(200)


def _text(*names: str, kind: sa.types.TypeEngine[str] | None = None) -> list[sa.Column[str]]:
    return [sa.Column(name, kind or identifier(), nullable=False) for name in names]


def _times(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _owner() -> sa.Column[str]:
    return sa.Column("account", identifier(), sa.ForeignKey("account.account"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "account",
        *_text("account", "cooperative"),
        *_text("role", kind=sa.String(16)),
        *_text("name", "password_hash", kind=_HASH),
        *_text("totp_secret", kind=sa.String(64)),
        *_times("totp_step", "created_ms"),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_table(
        "account_session",
        *_text("session"),
        _owner(),
        *_text("credential", kind=sa.String(16)),
        *_text("secret_hash", kind=_HASH),
        *_times("created_ms", "expires_ms", "revoked_ms"),
        sa.PrimaryKeyConstraint("session"),
    )
    op.create_index("account_session_of", "account_session", ["account"])
    op.create_table(
        "account_key",
        *_text("key"),
        _owner(),
        *_text("name", "scopes", "secret_hash", kind=_HASH),
        *_times("created_ms", "expires_ms", "revoked_ms"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("account_key_of", "account_key", ["account"])
    op.create_table(
        "account_attempt",
        *_text("name", kind=identifier(200)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *_times("ends_ms"),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        *_times("at_ms"),
        *_text("actor", kind=identifier(200)),
        *_text("cooperative"),
        *_text("action", "request", "address", kind=sa.String(64)),
        *_text("subject", kind=sa.String(1000)),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index("audit_of", "audit", ["cooperative", "number"])
    _append_only()


def _append_only() -> None:
    """The database itself refuses to change or to delete an entry."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is append only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()"
    )


def downgrade() -> None:
    raise NotImplementedError("an audit log is not thrown away: go back to the backup made before this migration")
