"""Where the archive's files lie: a folder of this machine, or an object store that pyarrow knows."""

from __future__ import annotations

import contextlib
import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pyarrow.fs as pafs

from core.errors import ConfigError, NotFound, StoreUnavailable


class Files(Protocol):
    """Files by paths with ``/`` between their parts."""

    def names(self, folder: str) -> list[str]:
        """Names in a folder, sorted; none where it does not exist. Raises ``StoreUnavailable``."""
        ...

    def get(self, path: str) -> bytes:
        """A file's content. Raises ``NotFound``, ``StoreUnavailable``."""
        ...

    def put(self, path: str, content: bytes) -> None:
        """Make a file: whole and durable, or not at all. Raises ``StoreUnavailable``."""
        ...

    def held(self, folder: str) -> AbstractContextManager[None]:
        """While no other process counts the versions in a folder, where the store can do that."""
        ...


class Folder:
    """A folder of a file system."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self, folder: str) -> list[str]:
        """See :class:`Files`."""
        try:
            return sorted(name for name in os.listdir(self._root / folder) if not name.startswith("."))  # noqa: PTH208 - names only
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise _away(self._root / folder, error) from error

    def get(self, path: str) -> bytes:
        """See :class:`Files`."""
        try:
            return (self._root / path).read_bytes()
        except FileNotFoundError:
            raise NotFound(f"{self._root / path}: there is no such file") from None
        except OSError as error:
            raise _away(self._root / path, error) from error

    def put(self, path: str, content: bytes) -> None:
        """See :class:`Files`: written under another name, synced, renamed."""
        target = self._root / path
        draft = target.with_name(f".{uuid.uuid4().hex}.tmp")
        try:
            _make(target.parent)
            try:
                with draft.open("xb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(target)
            except BaseException:
                draft.unlink(missing_ok=True)
                raise
            _sync(target.parent)
        except OSError as error:
            raise _away(target, error) from error

    @contextmanager
    def held(self, folder: str) -> Iterator[None]:
        """See :class:`Files`: a lock on a file, which the kernel takes back when the process ends."""
        place = self._root / folder
        try:
            _make(place)
            lock = os.open(place / ".lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _away(place, error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


class Bucket:
    """A place of an object store: what is put there appears whole, or not at all. It has no locks."""

    def __init__(self, system: Any, root: str) -> None:
        self._system = system
        self._root = root.rstrip("/")

    def names(self, folder: str) -> list[str]:
        """See :class:`Files`."""
        selector = pafs.FileSelector(f"{self._root}/{folder}".rstrip("/"), allow_not_found=True)
        try:
            return sorted(it.base_name for it in self._system.get_file_info(selector))
        except OSError as error:
            raise _away(f"{self._root}/{folder}", error) from error

    def get(self, path: str) -> bytes:
        """See :class:`Files`."""
        try:
            with self._system.open_input_file(f"{self._root}/{path}") as file:
                content: bytes = file.read()
                return content
        except FileNotFoundError:
            raise NotFound(f"{self._root}/{path}: there is no such file") from None
        except OSError as error:
            raise _away(f"{self._root}/{path}", error) from error

    def put(self, path: str, content: bytes) -> None:
        """See :class:`Files`."""
        place = f"{self._root}/{path}"
        try:
            self._system.create_dir(place.rpartition("/")[0], recursive=True)
            with self._system.open_output_stream(place) as file:
                file.write(content)
        except OSError as error:
            raise _away(place, error) from error

    def held(self, folder: str) -> AbstractContextManager[None]:  # noqa: ARG002 - an object store has no locks
        """See :class:`Files`."""
        return contextlib.nullcontext()


def files_at(url: str) -> Files:
    """The files behind a URL, or in a folder where it is a path.

    Raises:
        ConfigError: Nobody knows such a URL, or what is needed to reach it is not installed.
    """
    if "://" not in url:
        return Folder(Path(url).absolute())
    if url.startswith("file://"):
        return Folder(Path(url.removeprefix("file://")))
    try:
        return Bucket(*pafs.FileSystem.from_uri(url))
    except (ValueError, OSError, ImportError, NotImplementedError) as error:
        raise ConfigError(f"CANHDONG_ARCHIVE_URL: no archive there: {error}") from None


def _make(folder: Path) -> None:
    """Make a folder and those above it, and let each be found after a power cut."""
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _away(place: object, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(f"the archive: {place}: {error.strerror or error}")
