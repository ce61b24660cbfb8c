"""Who asks, and what they may: tokens (JWT, HS256) and roles, as the dispatcher has them."""

from __future__ import annotations

import os
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt

from oda_widgets.errors import BadParameter, NotAllowed

_EXPIRED = (
    "The token provided is expired, please try to logout and login again. "
    "If already logged out, please clean the cookies, and resubmit you request."
)
_LIMITS = ((50, "unige-hpc-full"), (500, "unige-hpc-extreme"))
_SHORTEST_SECRET = 32  # bytes, what HS256 asks for


@dataclass(frozen=True)
class User:
    """Who asks.

    Parameters
    ----------
    identity
        E-mail address or other subject of the token; empty without a token.
    roles
        What they may.
    """

    identity: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)

    def check_windows(self, number: int) -> None:
        """Refuse more science windows than somebody with these roles may ask for.

        Raises
        ------
        NotAllowed
            If there are more.
        """
        needed = [role for limit, role in _LIMITS if number > limit]
        missing = [role for role in needed if role not in self.roles]
        if missing:
            problem = (
                f"Unfortunately, your priviledges are not sufficient to make the request of "
                f"{number} science windows: it needs the roles {', '.join(needed)}."
            )
            raise NotAllowed(problem, f"Ask for {_LIMITS[0][0]} or fewer, or give a token.")


NOBODY = User()


def user_of(token: Any, secret: str) -> User:
    """Return who a token says that asks.

    Raises
    ------
    NotAllowed
        If it is expired, or not signed with the secret of this server.
    BadParameter
        If it is no token.
    """
    if token in (None, ""):
        return NOBODY
    try:
        claims = _claims(token, secret)
    except jwt.ExpiredSignatureError:
        ended = time.gmtime(_claims(token, secret, verify_exp=False)["exp"])
        when = time.strftime("%Y-%m-%d %H:%M UTC", ended)
        raise NotAllowed(_EXPIRED, f"It expired on {when}. Give a new token.") from None
    except jwt.InvalidSignatureError:
        problem = "The token is not of this server: its signature is wrong."
        raise NotAllowed(problem, "Give a token that this server has signed.") from None
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise BadParameter("token", "...", f"no token: {error}", "Copy it again.") from None
    roles = claims.get("roles") or []
    if isinstance(roles, str):
        roles = roles.split(",")
    names = frozenset(str(role).strip() for role in roles) if isinstance(roles, list) else ()
    return User(str(claims.get("sub") or ""), frozenset(names))


def _claims(token: Any, secret: str, **options: bool) -> dict[str, Any]:
    rules: Any = {"require": ["exp"], **options}
    return jwt.decode(str(token), secret, algorithms=["HS256"], options=rules)


def secret_of(file: Path) -> str:
    """Return the secret of this server from a file, which is made at first use.

    Raises
    ------
    BadParameter
        If the file holds less than a secret.
    """
    with suppress(FileExistsError):
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(secrets.token_urlsafe(48))
    secret = file.read_text(encoding="utf-8").strip()
    if len(secret.encode()) < _SHORTEST_SECRET:
        limit = f"it holds less than {_SHORTEST_SECRET} characters"
        raise BadParameter("secret", str(file), limit, "Remove it, and a good one is made.")
    return secret
