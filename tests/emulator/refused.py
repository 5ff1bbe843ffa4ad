"""How the official clients report a refusal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException


def code_of(call: Callable[[], object]) -> tuple[str, int]:
    """Code and HTTP status of the refusal that *call* must meet."""
    with pytest.raises(AlibabaCloudException) as caught:
        call()
    return str(caught.value.code), int(caught.value.status_code)
