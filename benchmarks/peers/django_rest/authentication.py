from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import jwt
from django.conf import settings
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed


@dataclass(frozen=True)
class TokenUser:
    pk: uuid.UUID
    is_authenticated: bool = True


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Any) -> tuple[TokenUser, None] | None:
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        try:
            payload = jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"])
            return TokenUser(uuid.UUID(payload["sub"])), None
        except (jwt.InvalidTokenError, KeyError, ValueError):
            raise AuthenticationFailed("Could not validate credentials") from None

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"
