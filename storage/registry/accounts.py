"""The port of accounts on SQLAlchemy, in the registry's own database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from core.accounts import EVERY_ENTRY, EVERYWHERE, Account, AuditEntry, AuditFilter, Limit, Login, MachineKey, Scope
from core.errors import Conflict, NotFound
from storage.registry.account_tables import AccountRow, AttemptRow, AuditRow, KeyRow, SessionRow, SubjectRow
from storage.registry.engine import Place, open_file, swept
from storage.registry.records import Records, require_cooperative
from storage.sqlite_file import BUSY_S

_ACCOUNT = AccountRow.__table__.c
_SESSION = SessionRow.__table__.c
_KEY = KeyRow.__table__.c
_SUBJECT = SubjectRow.__table__.c
_ACCOUNT_NAMES = ("account", "cooperative", "role", "name", "password_hash", "totp_secret", "created_ms", "disabled")
_LOGIN_NAMES = ("session", "account", "credential", "secret_hash", "created_ms", "expires_ms", "revoked_ms")
_KEY_NAMES = ("key", "account", "name", "scopes", "secret_hash", "created_ms", "expires_ms", "revoked_ms")
_ACCOUNT_COLUMNS = [_ACCOUNT[name] for name in _ACCOUNT_NAMES]
_LOGIN_COLUMNS = [_SESSION[name] for name in _LOGIN_NAMES]
_KEY_COLUMNS = [_KEY[name] for name in _KEY_NAMES]
_ATTEMPTS, _SUBJECTS, _FACTORS = "/attempts", "/subjects", "/factors"
"""What those who count attempts, link subjects or encrypt second factors wait for each other by."""


class SqlAccounts(Records):
    """A :class:`core.accounts.AccountStore`; safe from several threads and processes."""

    def __init__(self, place: Place | Path, busy_s: float = BUSY_S) -> None:
        super().__init__(open_file(place, busy_s) if isinstance(place, Path) else place)

    def add_account(self, account: Account, entry: AuditEntry) -> None:
        """See the port."""
        with self._changing(account.cooperative) as connection:
            if account.cooperative != EVERYWHERE:
                require_cooperative(connection, account.cooperative)
            if _exists(connection, _ACCOUNT.account == account.account):
                raise Conflict(f"there is an account {account.account!r} already")
            connection.execute(insert(AccountRow).values(**asdict(account), totp_step=0))
            _write(connection, entry)

    def account(self, name: str) -> Account:
        """See the port."""
        with self._asking() as connection:
            row = connection.execute(select(*_ACCOUNT_COLUMNS).where(_ACCOUNT.account == name)).first()
        if row is None:
            raise NotFound(f"there is no account {name!r}")
        return Account(*row)

    def accounts(self) -> list[Account]:
        """See the port."""
        query = select(*_ACCOUNT_COLUMNS).order_by(_ACCOUNT.cooperative, _ACCOUNT.account)
        with self._asking() as connection:
            return [Account(*row) for row in connection.execute(query)]

    def set_password(self, name: str, password_hash: str, totp_secret: str, entry: AuditEntry) -> None:
        """See the port."""
        self._change_account(
            name, entry, {"password_hash": password_hash, "totp_secret": totp_secret, "disabled": False}
        )

    def refresh_hash(self, name: str, old: str, new: str) -> None:
        """See the port."""
        which = (_ACCOUNT.account == name) & (_ACCOUNT.password_hash == old)
        with self._changing(name) as connection:
            connection.execute(update(AccountRow).where(which).values(password_hash=new))

    def disable(self, name: str, entry: AuditEntry) -> None:
        """See the port."""
        self._change_account(name, entry, {"disabled": True})

    def _change_account(self, name: str, entry: AuditEntry, values: dict[str, object]) -> None:
        """Change an account, end its sessions and write it down."""
        with self._changing(name) as connection:
            done = connection.execute(update(AccountRow).where(_ACCOUNT.account == name).values(**values))
            if not done.rowcount:
                raise NotFound(f"there is no account {name!r}")
            _end_sessions(connection, name, entry.at_ms)
            _write(connection, entry)

    def reseal(self, secrets: Sequence[tuple[str, str, str]]) -> None:
        """See the port."""
        with self._changing(_FACTORS) as connection:
            for name, old, new in secrets:
                which = (_ACCOUNT.account == name) & (_ACCOUNT.totp_secret == old)
                connection.execute(update(AccountRow).where(which).values(totp_secret=new))
        swept(self._place)

    def link(self, name: str, issuer: str, subject: str, entry: AuditEntry) -> None:
        """See the port."""
        with self._changing(_SUBJECTS) as connection:
            if not _exists(connection, _ACCOUNT.account == name):
                raise NotFound(f"there is no account {name!r}")
            there = _owner_of(connection, issuer, subject)
            if there not in {None, name}:
                raise Conflict(f"that subject is account {there!r} already; unlink it first")
            which = update(SubjectRow).where(_of(name, issuer))
            if not connection.execute(which.values(subject=subject)).rowcount:
                connection.execute(insert(SubjectRow).values(issuer=issuer, account=name, subject=subject))
            _write(connection, entry)

    def unlink(self, name: str, issuer: str, entry: AuditEntry) -> None:
        """See the port."""
        with self._changing(_SUBJECTS) as connection:
            standing = _of(name, issuer) & _SUBJECT.subject.is_not(None)
            if not connection.execute(update(SubjectRow).where(standing).values(subject=None)).rowcount:
                raise NotFound(f"account {name!r} is not linked to {issuer}")
            _end_sessions(connection, name, entry.at_ms)
            _write(connection, entry)

    def linked(self, issuer: str, subject: str) -> Account:
        """See the port."""
        which = (_SUBJECT.issuer == issuer) & (_SUBJECT.subject == subject)
        with self._asking() as connection:
            row = connection.execute(select(*_ACCOUNT_COLUMNS).join(SubjectRow).where(which)).first()
        if row is None:
            raise NotFound("nobody is linked to that subject")
        return Account(*row)

    def subjects(self) -> dict[str, list[tuple[str, str]]]:
        """See the port."""
        columns = (_SUBJECT.account, _SUBJECT.issuer, _SUBJECT.subject)
        query = select(*columns).where(_SUBJECT.subject.is_not(None)).order_by(_SUBJECT.account, _SUBJECT.issuer)
        found: dict[str, list[tuple[str, str]]] = {}
        with self._asking() as connection:
            for account, issuer, subject in connection.execute(query):
                found.setdefault(account, []).append((issuer, subject))
        return found

    def spend_code(self, name: str, step: int) -> bool:
        """See the port."""
        newer = (_ACCOUNT.account == name) & (_ACCOUNT.totp_step < step)
        with self._changing(name) as connection:
            return bool(connection.execute(update(AccountRow).where(newer).values(totp_step=step)).rowcount)

    def open_session(self, login: Login, entry: AuditEntry) -> None:
        """See the port."""
        with self._changing(login.account) as connection:
            over = (_SESSION.account == login.account) & (_SESSION.expires_ms < login.created_ms)
            connection.execute(delete(SessionRow).where(over))
            connection.execute(insert(SessionRow).values(**asdict(login)))
            _write(connection, entry)

    def session(self, session: str) -> tuple[Login, Account]:
        """See the port."""
        query = select(*_LOGIN_COLUMNS, *_ACCOUNT_COLUMNS).join(AccountRow).where(_SESSION.session == session)
        with self._asking() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFound("there is no such session")
        return Login(*row[: len(_LOGIN_COLUMNS)]), Account(*row[len(_LOGIN_COLUMNS) :])

    def rotate(self, session: str, old_hash: str, new_hash: str) -> bool:
        """See the port."""
        which = (_SESSION.session == session) & (_SESSION.secret_hash == old_hash) & (_SESSION.revoked_ms == 0)
        with self._changing(session) as connection:
            return bool(connection.execute(update(SessionRow).where(which).values(secret_hash=new_hash)).rowcount)

    def end_session(self, session: str, entry: AuditEntry) -> None:
        """See the port."""
        standing = (_SESSION.session == session) & (_SESSION.revoked_ms == 0)
        with self._changing(session) as connection:
            if connection.execute(update(SessionRow).where(standing).values(revoked_ms=entry.at_ms)).rowcount:
                _write(connection, entry)

    def add_key(self, key: MachineKey, entry: AuditEntry) -> None:
        """See the port."""
        with self._changing(key.account) as connection:
            if not _exists(connection, _ACCOUNT.account == key.account):
                raise NotFound(f"there is no account {key.account!r}")
            connection.execute(insert(KeyRow).values(**asdict(key) | {"scopes": " ".join(sorted(key.scopes))}))
            _write(connection, entry)

    def key(self, key: str) -> tuple[MachineKey, Account]:
        """See the port."""
        query = select(*_KEY_COLUMNS, *_ACCOUNT_COLUMNS).join(AccountRow).where(_KEY.key == key)
        with self._asking() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFound("there is no such key")
        return _key(row[: len(_KEY_COLUMNS)]), Account(*row[len(_KEY_COLUMNS) :])

    def keys(self, account: str) -> list[MachineKey]:
        """See the port."""
        query = select(*_KEY_COLUMNS).where(_KEY.account == account).order_by(_KEY.created_ms, _KEY.key)
        with self._asking() as connection:
            return [_key(row) for row in connection.execute(query)]

    def revoke_key(self, key: str, entry: AuditEntry) -> None:
        """See the port."""
        with self._changing(key) as connection:
            if not connection.execute(update(KeyRow).where(_KEY.key == key).values(revoked_ms=entry.at_ms)).rowcount:
                raise NotFound(f"there is no key {key!r}")
            _write(connection, entry)

    def attempt(self, limits: Sequence[Limit], now_ms: int) -> int:
        """See the port."""
        row = AttemptRow
        with self._changing(_ATTEMPTS) as connection:
            connection.execute(delete(row).where(row.ends_ms <= now_ms))
            named = row.name.in_([limit.name for limit in limits])
            there = {it.name: it for it in connection.execute(select(row.name, row.attempts, row.ends_ms).where(named))}
            used_up = [it.name for it in limits if it.name in there and there[it.name].attempts >= it.attempts]
            if used_up:
                return int(max(there[name].ends_ms for name in used_up) - now_ms)
            for limit in limits:
                if limit.name in there:
                    one_more = update(row).where(row.name == limit.name).values(attempts=row.attempts + 1)
                    connection.execute(one_more)
                else:
                    values = {"name": limit.name, "attempts": 1, "ends_ms": now_ms + limit.window_ms}
                    connection.execute(insert(row).values(**values))
        return 0

    def forget_attempts(self, name: str) -> None:
        """See the port."""
        with self._changing(_ATTEMPTS) as connection:
            connection.execute(delete(AttemptRow).where(AttemptRow.name == name))

    def write_down(self, entry: AuditEntry) -> None:
        """See the port."""
        with self._changing(entry.cooperative) as connection:
            _write(connection, entry)

    def audit(
        self, cooperative: str | None, before: int = 0, limit: int = 100, only: AuditFilter = EVERY_ENTRY
    ) -> list[AuditEntry]:
        """See the port."""
        row = AuditRow
        columns = (row.at_ms, row.actor, row.cooperative, row.action, row.subject, row.request, row.address, row.number)
        query = select(*columns).order_by(row.number.desc()).limit(limit)
        if cooperative is not None:
            query = query.where(row.cooperative == cooperative)
        if before:
            query = query.where(row.number < before)
        query = query.where(*_wanted(only))
        with self._asking() as connection:
            return [AuditEntry(*it) for it in connection.execute(query)]


def _wanted(only: AuditFilter) -> list[ColumnElement[bool]]:
    """What entries of the audit log have to be."""
    row = AuditRow
    return [
        *([row.actor == only.actor] if only.actor else []),
        *([row.action == only.action] if only.action else []),
        *([row.at_ms >= only.start_ms] if only.start_ms is not None else []),
        *([row.at_ms <= only.end_ms] if only.end_ms is not None else []),
    ]


def _of(account: str, issuer: str) -> ColumnElement[bool]:
    return (_SUBJECT.account == account) & (_SUBJECT.issuer == issuer)


def _owner_of(connection: Connection, issuer: str, subject: str) -> str | None:
    """The account that a subject is."""
    which = (_SUBJECT.issuer == issuer) & (_SUBJECT.subject == subject)
    return connection.execute(select(_SUBJECT.account).where(which)).scalar()


def _end_sessions(connection: Connection, account: str, at_ms: int) -> None:
    standing = (_SESSION.account == account) & (_SESSION.revoked_ms == 0)
    connection.execute(update(SessionRow).where(standing).values(revoked_ms=at_ms))


def _exists(connection: Connection, which: ColumnElement[bool]) -> bool:
    return connection.execute(select(_ACCOUNT.account).where(which)).first() is not None


def _key(row: Row[tuple[object, ...]] | tuple[object, ...]) -> MachineKey:
    values = dict(zip(_KEY_NAMES, row, strict=True))
    scopes = frozenset(Scope(word) for word in str(values.pop("scopes")).split())
    return MachineKey(**values, scopes=scopes)  # type: ignore[arg-type]  # the columns have the fields' types


def _write(connection: Connection, entry: AuditEntry) -> None:
    values = asdict(entry)
    del values["number"]
    values["subject"] = entry.subject[:1000]
    connection.execute(insert(AuditRow).values(**values))
