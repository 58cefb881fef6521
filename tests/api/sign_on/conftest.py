"""An API with sign-on, and its provider."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.fakes import FakeClock
from tests.support.people import running_api
from tests.support.provider import LittleProvider, running_provider
from tests.support.signing_on import Place, placed


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="module")
def provider(clock: FakeClock) -> Iterator[LittleProvider]:
    with running_provider(clock) as it:
        yield it


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, provider: LittleProvider, clock: FakeClock) -> Iterator[Place]:
    registration = provider.registration("amr:mfa", "acr:loa3")
    with running_api(tmp_path_factory.mktemp("api"), clock, registration=registration) as api:
        yield placed(api, provider)


@pytest.fixture
def place(built: Place) -> Place:
    built.again()
    return built
