"""The types of values in admin calls, which pydantic checks."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from pydantic import ConfigDict, Field

STRICT: Final = ConfigDict(extra="forbid")
"""Refuse unknown names in a body. [chosen: a misspelt fault must fail the test that sets it]"""

Count: TypeAlias = Annotated[int, Field(ge=0, le=10**12)]
MAX_SECONDS: Final = 1e9
"""The longest time in an admin call, about 30 years. [chosen: a clock beyond the year 9999 has no date]"""

Seconds: TypeAlias = Annotated[float, Field(ge=0, le=MAX_SECONDS, allow_inf_nan=False)]
Speed: TypeAlias = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
"""Virtual seconds per real second."""
Text: TypeAlias = Annotated[str, Field(min_length=1)]
HttpStatus: TypeAlias = Annotated[int, Field(ge=200, le=599)]
UrlPath: TypeAlias = Annotated[str, Field(pattern=r"^/")]
HeaderName: TypeAlias = Annotated[str, Field(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
HeaderValue: TypeAlias = Annotated[str, Field(pattern=r"^[ -~]*$")]
ListEntry: TypeAlias = Annotated[str, Field(pattern=r"^[^,\s]+$")]
"""An entry of a parameter that joins entries by commas, so it contains none."""
ListedUrl: TypeAlias = Annotated[str, Field(pattern=r"^https?://[^,\s]+$")]
"""A URL in such a parameter."""
