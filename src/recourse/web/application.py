"""This file knows how the doors are put together into one application."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware import Middleware

from recourse.flow.platform import Platform
from recourse.model.identities import IdentityProvider
from recourse.web import (
    city,
    courier,
    customer,
    dispatcher,
    errands,
    health,
    live,
    many,
    merchant,
    parking,
    push,
    reference,
    remedies,
    sessions,
    sign_in,
    webhooks,
)
from recourse.web.doors import Doors
from recourse.web.gate import Gate
from recourse.web.health import Check
from recourse.web.live import Hub
from recourse.web.metrics import Figures, Metrics, lag_s
from recourse.web.problems import install
from recourse.web.runner import Inline, Lanes

__all__ = ["make_app"]

# The busiest doors first: routes are tried in order, and one day is mostly couriers speaking.
_ROUTERS = (
    dispatcher.feed,
    courier.router,
    merchant.router,
    many.router,
    dispatcher.router,
    remedies.router,
    errands.router,
    parking.router,
    live.router,
    customer.router,
    push.router,
    webhooks.router,
    sessions.router,
    sessions.pages,
    sign_in.pages,
    city.router,
    health.router,
    city.pages,
    reference.router,
)


def make_app(
    platform: Platform,
    *,
    allowed_hosts: Iterable[str] = (),
    lanes: Lanes | None = None,
    checks: Mapping[str, Check] | None = None,
    title: str = "Recourse",
    is_open: bool = True,
    is_password: Callable[[str, str], bool] | None = None,
    provider: IdentityProvider | None = None,
) -> FastAPI:
    """Open the doors of a platform.

    Called in process, every unit of work runs where it is called. A server runs the lifespan, and
    from then on work runs in the lanes, so that the event loop waits for none of it.

    Parameters
    ----------
    platform : Platform
        What the doors lead to.
    allowed_hosts : iterable of str, optional
        Host names served besides the loopback ones.
    lanes : Lanes, optional
        Threads to work in while served, where others share the writing one; whoever made them
        closes them.
    checks : mapping of str to callable, optional
        What must hold for ``/readyz`` besides the database.
    title : str, optional
        Title of the API.
    is_open : bool, optional
        Whether everybody who reaches this machine may use every door, without a key.
    is_password : callable, optional
        Whether a password is the one of a digest; nobody can log in without it.
    provider : IdentityProvider, optional
        Whom people at the console may sign in with besides.

    Returns
    -------
    FastAPI
        The application, to be served or called in process.
    """
    doors = Doors(
        platform, runner=Inline(), is_open=is_open, is_password=is_password, provider=provider
    )
    metrics, hub = Metrics(), Hub(doors)
    metrics.watch(_figures(platform))

    @contextlib.asynccontextmanager
    async def serve(_: FastAPI) -> AsyncIterator[None]:
        """Work in lanes and send ticks while served."""
        working = doors.runner = lanes or Lanes()
        feed = asyncio.create_task(hub.run())
        try:
            yield
        finally:
            hub.close()
            feed.cancel()
            await asyncio.gather(feed, return_exceptions=True)
            doors.runner = Inline()
            if lanes is None:
                working.close()

    app = FastAPI(
        title=title,
        version=version("recourse"),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=serve,
        # What is measured stands in `/metrics`; nobody else traces.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        middleware=[Middleware(Gate, allowed_hosts=tuple(allowed_hosts), metrics=metrics)],
    )
    app.state.doors, app.state.hub, app.state.metrics = doors, hub, metrics
    app.state.checks = dict(checks or {})
    for router in _ROUTERS:
        # The routes themselves, not `include_router`: a nested router is matched twice.
        app.router.routes.extend(router.routes)
    app.mount("/static", city.Assets(directory=city.STATIC, check_dir=False), name="static")
    install(app)
    app.openapi = lambda: reference.describe(app)  # type: ignore[method-assign]
    return app


def _figures(platform: Platform) -> Figures:
    """What the platform says about itself."""

    def counts() -> Mapping[str, Mapping[str, int]]:
        with platform.store.begin() as tx:
            return tx.counts()

    return Figures(
        counts=counts,
        last_number=platform.store.last_number,
        lag_s=lambda: lag_s(platform.store.next_due_at(), platform.now()),
        n_parked=lambda: len(platform.store.parked()),
    )
