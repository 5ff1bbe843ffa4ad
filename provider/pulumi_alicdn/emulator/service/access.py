"""Authentication: keys, temporary tokens, request dates and nonces of the one account."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from pulumi_alicdn.emulator.service import refusals
from pulumi_alicdn.emulator.service.refusals import Refusal, naming
from pulumi_alicdn.emulator.service.signature import (
    SignedRequest,
    acs3_signature,
    parse_acs3,
    v1_signature,
    v1_string_to_sign,
)

MAX_SKEW: Final = timedelta(minutes=15)
"""The most that a request's date may differ from the server's (signature documentation of the OpenAPI gateway)."""

_DATE_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"
_SIGNED_HEADERS: Final = frozenset({"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce"})
"""Headers that a signature of version 3 must cover. [chosen: others could change an uncovered one]"""


class AccountState(StrEnum):
    """The state of the account, which decides whether the services are open."""

    ACTIVE = "active"
    NOT_OPEN = "not-open"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Key:
    """The secret of an access key; a temporary key has a token and an end (virtual instant)."""

    secret: str
    token: str = ""
    expires: datetime | None = None

    def __repr__(self) -> str:
        """Hide the secret: a log may show this text."""
        return "Key(...)"


class Access:
    """The account's keys and state, and the used nonces."""

    def __init__(self, key_id: str, secret: str) -> None:
        """Accept one permanent key."""
        self._permanent = {key_id: Key(secret)}
        self._temporary: dict[str, Key] = {}
        self._nonces: dict[str, datetime] = {}
        self.state = AccountState.ACTIVE
        self.policy_domain: str | None = None
        """The only domain that the RAM policy of the keys allows; None for any."""
        self.denied_actions: frozenset[str] = frozenset()
        """The actions that the RAM policy of the keys does not allow."""

    def add_temporary(self, key_id: str, key: Key) -> None:
        """Accept a temporary key from now on."""
        self._temporary[key_id] = key

    def reset(self) -> None:
        """Forget temporary keys, open the services and allow all actions and domains. Nonces stay used."""
        self._temporary.clear()
        self.state = AccountState.ACTIVE
        self.policy_domain = None
        self.denied_actions = frozenset()

    def check_state(self, service: str) -> None:
        """Refuse unless the account has opened the services; *service* is the name in the sentence."""
        if self.state is AccountState.NOT_OPEN:
            raise naming(refusals.NOT_OPEN, service)
        if self.state is AccountState.SUSPENDED:
            raise naming(refusals.SUSPENDED, service)

    def check_action(self, action: str) -> None:
        """Refuse a call of an action that the policy does not allow."""
        if action in self.denied_actions:
            raise Refusal(refusals.FORBIDDEN_RAM)

    def check_policy(self, domains: Iterable[str]) -> None:
        """Refuse a call about *domains* that the policy does not allow: about any other domain, or about none.

        The help page of DescribeRefreshTasks: the resource of the action is ``domain/{DomainName}``.
        """
        if self.policy_domain is not None and set(domains) != {self.policy_domain}:
            raise Refusal(refusals.FORBIDDEN_RAM)

    def authenticate(self, request: SignedRequest, *, real_now: datetime, virtual_now: datetime) -> None:
        """Refuse the request unless it is signed by a known key, recently and for the first time.

        Request dates are compared with real time, because clients have no other; tokens end by the virtual clock.
        """
        header = request.headers.get("authorization")
        parameters = dict((*request.query, *request.form))
        if header is not None:
            nonce = self._check_v3(header, request, real_now, virtual_now)
        elif "Signature" in parameters:
            nonce = self._check_v1(parameters, request, real_now, virtual_now)
        else:
            raise Refusal(refusals.MISSING_AUTHORIZATION)
        self._use_nonce(nonce, real_now)

    def _check_v3(self, header: str, request: SignedRequest, real_now: datetime, virtual_now: datetime) -> str:
        authorization = parse_acs3(header)
        if authorization is None:
            raise Refusal(refusals.MISSING_AUTHORIZATION, "The Authorization header is malformed.")
        key = self._key(authorization.key_id, request.headers.get("x-acs-security-token", ""), virtual_now)
        _check_date(request.headers.get("x-acs-date", ""), real_now)
        unsigned = _SIGNED_HEADERS - set(authorization.signed_headers)
        if unsigned:
            names = ", ".join(sorted(unsigned))
            raise Refusal(refusals.SIGNATURE_MISMATCH, f"The signature does not cover the headers {names}.")
        claimed = request.headers.get("x-acs-content-sha256", "").lower()
        if not hmac.compare_digest(claimed.encode(), hashlib.sha256(request.body).hexdigest().encode()):
            raise Refusal(refusals.SIGNATURE_MISMATCH, "The body is not the one whose hash the request states.")
        expected = acs3_signature(request, authorization.signed_headers, key.secret)
        if not hmac.compare_digest(expected.encode(), authorization.signature.encode()):
            raise Refusal(refusals.SIGNATURE_MISMATCH)
        return request.headers["x-acs-signature-nonce"]

    def _check_v1(
        self, parameters: dict[str, str], request: SignedRequest, real_now: datetime, virtual_now: datetime
    ) -> str:
        key = self._key(parameters.get("AccessKeyId", ""), parameters.get("SecurityToken", ""), virtual_now)
        _check_date(parameters.get("Timestamp", ""), real_now)
        method = (parameters.get("SignatureMethod", "HMAC-SHA1").upper(), parameters.get("SignatureVersion", "1.0"))
        expected = v1_signature(request, key.secret)
        if method != ("HMAC-SHA1", "1.0") or "SignatureNonce" not in parameters:
            raise _v1_mismatch(request)
        if not hmac.compare_digest(expected.encode(), parameters["Signature"].encode()):
            raise _v1_mismatch(request)
        return parameters["SignatureNonce"]

    def _key(self, key_id: str, token: str, virtual_now: datetime) -> Key:
        key = self._temporary.get(key_id) or self._permanent.get(key_id)
        if key is None:
            raise Refusal(refusals.KEY_NOT_FOUND)
        if key.token and not token:
            raise Refusal(refusals.TOKEN_MISSING)
        if not hmac.compare_digest(key.token.encode(), token.encode()):
            raise Refusal(refusals.TOKEN_MISMATCH)
        if key.expires is not None and virtual_now >= key.expires:
            raise Refusal(refusals.TOKEN_EXPIRED)
        return key

    def _use_nonce(self, nonce: str, real_now: datetime) -> None:
        # The dictionary keeps the order of arrival, so the oldest nonces come first.
        while self._nonces and self._nonces[oldest := next(iter(self._nonces))] < real_now - 2 * MAX_SKEW:
            del self._nonces[oldest]
        if nonce in self._nonces:
            raise Refusal(refusals.NONCE_USED)
        self._nonces[nonce] = real_now


def _v1_mismatch(request: SignedRequest) -> Refusal:
    # The vendor's clients compare the text behind the only colon with their own string to sign.
    reason = refusals.SIGNATURE_MISMATCH
    return Refusal(reason, f"{reason.message} server string to sign is:{v1_string_to_sign(request)}")


def _check_date(text: str, real_now: datetime) -> None:
    try:
        stated = datetime.strptime(text, _DATE_FORMAT).replace(tzinfo=UTC)
    except ValueError as error:
        raise Refusal(refusals.TIMESTAMP_FORMAT) from error
    if abs(stated - real_now) > MAX_SKEW:
        raise Refusal(refusals.TIMESTAMP_EXPIRED)
