"""The API that one would write in an evening: FastAPI, GeoAlchemy, a query each time, nobody asked who they are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import uvicorn
from fastapi import FastAPI
from geoalchemy2 import Geometry
from geoalchemy2.functions import ST_AsGeoJSON, ST_Intersects, ST_MakeEnvelope
from geoalchemy2.shape import from_shape
from sqlalchemy import Text, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from core.model.land import Plot


class Base(DeclarativeBase):
    """Root of the tables."""


class PlainPlot(Base):
    """A plot."""

    __tablename__ = "plain_plot"

    plot: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    crop: Mapped[str]
    boundary: Mapped[Any] = mapped_column(Geometry("POLYGON", 4326))


class PlainStatement(Base):
    """A statement, ready made."""

    __tablename__ = "plain_statement"

    number: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[str] = mapped_column(Text)


def fill(url: str, plots: Sequence[Plot], statement_bytes: int) -> None:
    """Make the tables: the same plots, and a statement of the same size."""
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(
            PlainPlot(plot=p.plot, name=p.name, crop=p.crop, boundary=from_shape(p.boundary, 4326)) for p in plots
        )
        session.add(PlainStatement(number=1, document=json.dumps({"text": "x" * max(0, statement_bytes - 12)})))
        session.commit()
    engine.dispose()


def application(url: str) -> FastAPI:
    """The two routes."""
    app, engine = FastAPI(), create_engine(url, pool_size=20)

    @app.get("/plots")
    def plots(bbox: str) -> list[dict[str, Any]]:
        window = ST_MakeEnvelope(*map(float, bbox.split(",")), 4326)
        query = select(PlainPlot.plot, PlainPlot.name, PlainPlot.crop, ST_AsGeoJSON(PlainPlot.boundary))
        with Session(engine) as session:
            found = session.execute(query.where(ST_Intersects(PlainPlot.boundary, window)))
            return [{"plot": p, "name": n, "crop": c, "boundary": json.loads(b)} for p, n, c, b in found]

    @app.get("/statements/{number}")
    def statement(number: int) -> Any:
        with Session(engine) as session:
            return json.loads(session.get_one(PlainStatement, number).document)

    return app


def serve(url: str, port: int) -> None:
    """Serve it, in a process of its own."""
    uvicorn.run(application(url), host="127.0.0.1", port=port, log_level="warning", access_log=False)
