"""A provider, and a house that takes its word, on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doors import Caller, open_platform
from tests.e2e.sign_in.house import KEY, MEI, House
from tests.provider import (
    IdentityServer,
    identity_server,
    write_oidc,
)


@pytest.fixture
def provider() -> Iterator[IdentityServer]:
    with identity_server(signs_with=KEY, person=dict(MEI)) as running:
        yield running


@pytest.fixture
def house(store_url: str, tmp_path: Path, provider: IdentityServer) -> Iterator[House]:
    file = write_oidc(tmp_path, provider)
    application, clock = open_platform(tmp_path, store_url, has_open_doors=False, oidc_file=file)
    provider.now = lambda: clock.now().timestamp()
    caller = Caller(application.asgi)
    yield House(application, clock, provider, caller)
    caller.close()
    application.close()
