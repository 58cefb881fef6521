"""Tables of accounts, sessions, keys, counted attempts and the audit log, beside those of the registry."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core.accounts import Credential, Role
from storage.registry.columns import Worded, identifier
from storage.registry.tables import Base

_ID = identifier()
_HASH = String(200)
_COUNTED = BigInteger().with_variant(Integer, "sqlite")


class AccountRow(Base):
    """A person; ``cooperative`` is empty for those who belong to none."""

    __tablename__ = "account"

    account: Mapped[str] = mapped_column(_ID, primary_key=True)
    cooperative: Mapped[str] = mapped_column(_ID)
    role: Mapped[Role] = mapped_column(Worded(Role))
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(_HASH)
    totp_secret: Mapped[str] = mapped_column(_HASH)
    totp_step: Mapped[int] = mapped_column(BigInteger)
    created_ms: Mapped[int] = mapped_column(BigInteger)
    disabled: Mapped[bool]


class SubjectRow(Base):
    """Whom a provider of sign-on means by a subject: one account for each, and one subject for each account.

    ``subject`` is null where the account was unlinked: so nobody who serves needs the right to delete.
    """

    __tablename__ = "account_subject"
    __table_args__ = (Index("account_subject_of", "issuer", "subject", unique=True),)

    issuer: Mapped[str] = mapped_column(identifier(300), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.account"), primary_key=True)
    subject: Mapped[str | None] = mapped_column(identifier(255))


class SessionRow(Base):
    """A session, by the hash of its secret."""

    __tablename__ = "account_session"
    __table_args__ = (Index("account_session_of", "account"),)

    session: Mapped[str] = mapped_column(_ID, primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.account"))
    credential: Mapped[Credential] = mapped_column(Worded(Credential))
    secret_hash: Mapped[str] = mapped_column(_HASH)
    created_ms: Mapped[int] = mapped_column(BigInteger)
    expires_ms: Mapped[int] = mapped_column(BigInteger)
    revoked_ms: Mapped[int] = mapped_column(BigInteger)


class KeyRow(Base):
    """A key of a machine, by the hash of its secret; ``scopes`` are words with blanks between them."""

    __tablename__ = "account_key"
    __table_args__ = (Index("account_key_of", "account"),)

    key: Mapped[str] = mapped_column(_ID, primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.account"))
    name: Mapped[str] = mapped_column(String(200))
    scopes: Mapped[str] = mapped_column(String(200))
    secret_hash: Mapped[str] = mapped_column(_HASH)
    created_ms: Mapped[int] = mapped_column(BigInteger)
    expires_ms: Mapped[int] = mapped_column(BigInteger)
    revoked_ms: Mapped[int] = mapped_column(BigInteger)


class AttemptRow(Base):
    """How often something was tried since the window began."""

    __tablename__ = "account_attempt"

    name: Mapped[str] = mapped_column(identifier(200), primary_key=True)
    attempts: Mapped[int]
    ends_ms: Mapped[int] = mapped_column(BigInteger)


class AuditRow(Base):
    """An entry of the audit log; a trigger refuses to change or to delete one."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("audit_of", "cooperative", "number"),
        Index("audit_time", "at_ms"),
        Index("audit_by", "actor", "number"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(_COUNTED, primary_key=True, autoincrement=True)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(identifier(200))
    cooperative: Mapped[str] = mapped_column(_ID)
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(1000))
    request: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
