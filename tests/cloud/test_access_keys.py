"""Keys, tokens and names as they come out of files and pages: every flaw is named, and no value is shown."""

from __future__ import annotations

import pytest

from pulumi_alicdn.cloud.keys.access_keys import environment_flaws, flaw, half_pair

ID, SECRET, TOKEN = "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"


@pytest.mark.parametrize(
    ("value", "predicate"),
    [
        ("", ""),
        ("LTAI5tCanary", ""),
        ("CAIS+/canary==", ""),
        ("canary\n", "ends with a line break"),
        ("canary\r\n", "ends with a line break"),
        ("canary\r", "ends with a line break"),
        (" canary", "begins with white space"),
        ("\ncanary", "begins with white space"),
        ("canary\t", "ends with white space"),
        ("canary\u00a0", "ends with white space"),
        ("can ary", "holds white space"),
        ("can\nary", "holds white space"),
        ("can\x00ary", "holds a control character or another invisible one"),
        ("can\u200bary", "holds a control character or another invisible one"),
        ("\ufeffcanary", "holds a control character or another invisible one"),
        ("\u201ccanary\u201d", "holds a character that is not ASCII"),
        ("\n", "holds nothing but white space"),
    ],
)
@pytest.mark.parametrize("variable", [ID, SECRET, TOKEN])
def test_a_flaw_is_named_by_its_variable(variable: str, value: str, predicate: str) -> None:
    assert flaw(value) == predicate
    said = environment_flaws({ID: "id", SECRET: "secret", variable: value})
    assert said == ([f"{variable} {predicate}, which does not belong there: set it again without"] if predicate else [])


def test_a_name_or_path_may_hold_a_blank_but_no_line_break() -> None:
    environment = {"ALIBABA_CLOUD_PROFILE": "my profile", "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "/var/my token"}
    assert environment_flaws(environment) == []
    (said,) = environment_flaws({**environment, "ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/x\n"})
    assert said.startswith("ALIBABA_CLOUD_ROLE_ARN ends with a line break")


@pytest.mark.parametrize(("there", "missing"), [(ID, SECRET), (SECRET, ID)])
def test_half_a_key_pair_is_named(there: str, missing: str) -> None:
    assert half_pair({there: "x", missing: ""}) == f"{there} is set, but {missing} is not"
    assert half_pair({there: "x", missing: "y"}) == half_pair({}) == ""
