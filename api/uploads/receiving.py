"""A request's file onto the disk, piece by piece, whether it is a form or the body itself."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import Final

from fastapi import HTTPException, Request, UploadFile
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile as FormFile

from api.room import RETRY_S, NoRoom, Room

_FORM: Final = "multipart/form-data"
_NAME: Final = 150
_SUFFIX: Final = 40
"""Bytes of a name, and of its suffix."""
_UNNAMED: Final = "upload"
_FIELDS: Final = 4


@dataclass(frozen=True, slots=True)
class Received:
    """A file on the disk, what its sender calls it, and the drone that it is said to be of."""

    path: Path
    file: str
    device: str


@asynccontextmanager
async def received(request: Request, room: Room, file: str, device: str) -> AsyncIterator[Received]:
    """The file of a request, for as long as it is needed.

    Args:
        room: How many there may be at once.
        request: A form with a part ``file`` and perhaps ``device``, or the file as the body.
        file: What the file is called, where it is the body.
        device: The drone that it is said to be of.

    Raises:
        HTTPException: The form has no file, or more than one; or there is no room.
    """
    form = request.headers.get("Content-Type", "").casefold().startswith(_FORM)
    size_bytes = int(request.headers.get("Content-Length", "0"))
    try:
        with room.place(size_bytes * (1 + form)):  # the parts of a form are on the disk before we see them
            folder = Path(await run_in_threadpool(tempfile.mkdtemp, prefix="canhdong-upload-"))
            try:
                yield await (_of_form if form else _of_body)(request, room, folder, file, device)
            finally:
                await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)
    except NoRoom as error:
        wait = {"Retry-After": str(RETRY_S)}
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, str(error), wait) from None


async def _of_form(request: Request, room: Room, folder: Path, file: str, device: str) -> Received:
    async with request.form(max_files=1, max_fields=_FIELDS) as form:
        part = form.get("file")
        if not isinstance(part, (UploadFile, FormFile)):
            raise HTTPException(422, "file: the form has no file of that name")
        named = form.get("device")
        name = plain_name(file or part.filename or "")
        path = folder / name

        def copy() -> None:
            room.require(part.size or 0)
            with path.open("wb") as target:
                shutil.copyfileobj(part.file, target, 1 << 20)

        await run_in_threadpool(copy)
        return Received(path, name, device or (named if isinstance(named, str) else ""))


async def _of_body(request: Request, room: Room, folder: Path, file: str, device: str) -> Received:
    name = plain_name(file)
    path = folder / name
    with path.open("wb") as target:
        async for piece in request.stream():
            room.require(len(piece))
            await run_in_threadpool(target.write, piece)
    return Received(path, name, device)


def plain_name(name: str) -> str:
    """A name without folders, and of a length that every file system takes; its suffix stays."""
    last = PurePosixPath(name.replace("\\", "/")).name.replace("\x00", "").lstrip(".")
    plain = "".join(it for it in last if it.isprintable())
    stem, dot, suffix = plain.rpartition(".")
    if not dot:
        return _cut(plain, _NAME) or _UNNAMED
    return f"{_cut(stem, _NAME) or _UNNAMED}.{_cut(suffix, _SUFFIX)}"


def _cut(text: str, limit_b: int) -> str:
    return text.encode("utf-8", "ignore")[:limit_b].decode("utf-8", "ignore")
