"""The API keeps to its own description, whatever is asked within and around it."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.doors import Caller, courier, meal, open_platform, site

N_PER_ENDPOINT = 8
HEADERS = {"host": "localhost"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BaseSchema]:
    application, _ = open_platform(tmp_path_factory.mktemp("platform"))
    caller = Caller(application.asgi)
    caller.call("POST", "/v1/sites", site("s-1", "merchant", 2, 2))
    caller.call("POST", "/v1/couriers", courier("k-1"))
    caller.call("POST", "/v1/orders", meal("a", "s-1"))
    whole = schemathesis.openapi.from_asgi("/openapi.json", application.asgi, headers=HEADERS)
    # The live stream does not end, and readiness waits for a worker that nobody started.
    yield whole.exclude(path=["/v1/live", "/readyz"])
    caller.close()
    application.close()


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_endpoint_answers_as_it_says(api: BaseSchema, mode: GenerationMode) -> None:
    n_cases = 0
    for found in api.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @settings(max_examples=N_PER_ENDPOINT, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def keeps_its_word(case: Any) -> None:  # noqa: ANN401 - generic in what we do not use
            nonlocal n_cases
            n_cases += 1
            case.call_and_validate(checks=CHECKS, headers=HEADERS)

        with contextlib.suppress(Unsatisfiable):  # nothing can be wrong where nothing is taken
            keeps_its_word()
    assert n_cases > 100
