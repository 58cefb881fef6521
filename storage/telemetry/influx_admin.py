"""Makes what telemetry needs in InfluxDB: a database for each cooperative, with its retention and its readers.

The writer may read and write all of them; beside it, each database has one reader of its own, for Grafana and for
whoever may see that cooperative and no other: a user in 1.x, a token in 2.x. The database is the wall between
cooperatives, for Grafana's open edition has no permissions of its own.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from influxdb_client.rest import ApiException

from core.errors import ConfigError, StoreRefused, StoreUnavailable
from storage.telemetry.influx import PREFIX, database
from storage.telemetry.influx_http import InfluxHttp, Server

SECOND: Final = (2, 0)
_DAY_S: Final = 86_400
_FORBIDDEN: Final = frozenset((401, 403))


@dataclass(frozen=True, slots=True)
class Made:
    """What was made, or was there: a database, its reader, and the file that holds the reader's secret."""

    database: str
    reader: str
    secret_file: Path
    new: bool


class InfluxAdmin:
    """Makes databases and readers; doing it again changes nothing but the retention.

    Args:
        server: With a credential that may make databases, users and tokens.
        writer: Who writes (1.x): gets all rights on every database.
        folder: Where readers' secrets are kept, one file each, readable by this user only.
        retention_days: How long data is kept; 0: for ever.
    """

    def __init__(self, server: Server, writer: str, folder: Path, retention_days: int) -> None:
        self._http = InfluxHttp(server)
        self._server = server
        self._writer = writer
        self._folder = folder
        self._days = retention_days

    def make(self, cooperatives: Iterable[str]) -> list[Made]:
        """Make what is missing for each cooperative (or platform-wide database), and set its retention.

        Raises:
            StoreRefused: The credential may not do it.
            StoreUnavailable: The server does not answer.
        """
        wanted = sorted(set(cooperatives))
        try:
            return self._buckets(wanted) if self._http.version >= SECOND else self._databases(wanted)
        except ApiException as error:
            words = f"{self._server.url}: HTTP {error.status}: {error.body!r}"
            raise (StoreRefused if error.status in _FORBIDDEN else StoreUnavailable)(words) from error
        finally:
            self._http.close()

    # --- 1.x

    def _databases(self, cooperatives: Iterable[str]) -> list[Made]:
        there = set(self._names("SHOW DATABASES"))
        users = set(self._names("SHOW USERS"))
        if self._writer and self._writer not in users:
            raise ConfigError(
                f"{self._server.url} has no user {self._writer!r} (CANHDONG_INFLUX_USER): make it first, with a "
                "password of its own"
            )
        made: list[Made] = []
        for cooperative in cooperatives:
            name = database(cooperative)
            duration = f"{self._days}d" if self._days else "INF"
            if name not in there:
                self._do(f'CREATE DATABASE {_name(name)} WITH DURATION {duration} NAME "autogen"')
            else:
                self._do(f'ALTER RETENTION POLICY "autogen" ON {_name(name)} DURATION {duration}')
            if self._writer:
                self._do(f"GRANT ALL ON {_name(name)} TO {_name(self._writer)}")
            made.append(self._user(name, reader_of(cooperative), users, new=name not in there))
        return made

    def _user(self, name: str, reader: str, users: set[str], *, new: bool) -> Made:
        file = self._folder / reader
        if reader not in users or not file.is_file():
            # The file goes away first and comes last: it never holds a password that the server does not know.
            file.unlink(missing_ok=True)
            password = secrets.token_urlsafe(24)
            verb = "SET PASSWORD FOR {} = '{}'" if reader in users else "CREATE USER {} WITH PASSWORD '{}'"
            self._do(verb.format(_name(reader), password))
            _keep(file, password)
        self._do(f"GRANT READ ON {_name(name)} TO {_name(reader)}")
        return Made(name, reader, file, new)

    def _do(self, statement: str) -> dict[str, Any]:
        return self._http.statement(statement, method="POST")

    def _names(self, statement: str) -> list[str]:
        series = self._do(statement)["results"][0].get("series", [{}])[0]
        return [row[0] for row in series.get("values", [])]

    # --- 2.x

    def _buckets(self, cooperatives: Iterable[str]) -> list[Made]:
        org = self._org()
        made: list[Made] = []
        for cooperative in cooperatives:
            name = database(cooperative)
            found = self._api("GET", "/api/v2/buckets", {"name": name, "orgID": org}).get("buckets", [])
            if found:
                bucket = found[0]["id"]
                self._retain(bucket, found[0].get("retentionRules", ()))
            else:
                rules = [{"type": "expire", "everySeconds": self._days * _DAY_S}] if self._days else []
                body = {"orgID": org, "name": name, "retentionRules": rules}
                bucket = self._api("POST", "/api/v2/buckets", {}, body)["id"]
            made.append(self._token(name, reader_of(cooperative), org, bucket, new=not found))
        return made

    def _retain(self, bucket: str, rules: Iterable[Mapping[str, Any]]) -> None:
        """Set a bucket's retention where it is another; no rule at all would leave it as it is, 0 s is for ever."""
        wanted_s = self._days * _DAY_S
        if next((int(rule["everySeconds"]) for rule in rules), 0) != wanted_s:
            body = {"retentionRules": [{"type": "expire", "everySeconds": wanted_s}]}
            self._api("PATCH", f"/api/v2/buckets/{bucket}", {}, body)

    def _token(self, name: str, reader: str, org: str, bucket: str, *, new: bool) -> Made:
        file = self._folder / reader
        if new or not file.is_file():
            body = {
                "orgID": org,
                "description": reader,
                "permissions": [{"action": "read", "resource": {"type": "buckets", "id": bucket, "orgID": org}}],
            }
            _keep(file, self._api("POST", "/api/v2/authorizations", {}, body)["token"])
        return Made(name, reader, file, new)

    def _org(self) -> str:
        found = self._api("GET", "/api/v2/orgs", {"org": self._server.org}).get("orgs", [])
        if not found:
            raise ConfigError(f"{self._server.url} has no organisation {self._server.org!r} (CANHDONG_INFLUX_ORG)")
        return str(found[0]["id"])

    def _api(self, method: str, path: str, query: Mapping[str, str], document: Any = None) -> dict[str, Any]:
        return self._http.call(method, path, query, document) or {}


def reader_of(cooperative: str) -> str:
    """Who may read a cooperative's database, and nothing else."""
    return f"{PREFIX}read_{cooperative}"


def _name(name: str) -> str:
    """An identifier of InfluxQL."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _keep(file: Path, secret: str) -> None:
    """Write a secret where only this user can read it, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(secret + "\n")
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
