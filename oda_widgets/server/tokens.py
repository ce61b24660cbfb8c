"""Tokens of users and their roles (JWT, HS256), in the form of dispatchers."""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt

from oda_widgets.errors import BadParameter, NotAllowed
from oda_widgets.files import read_regular, remedy, write_new

LONGEST_REFRESH = 604_800.0
"""Longest time in seconds by which a token can be extended."""

# Texts of dispatchers with their spelling, since clients compare them.
_EXPIRED = (
    "The token provided is expired, please try to logout and login again. "
    "If already logged out, please clean the cookies, and resubmit you request."
)
_MISSING_ROLES = (
    "Unfortunately, your priviledges are not sufficient to make the request for this particular "
    "product and parameter combination.\n"
    "- Your priviledge roles include {roles}\n"
    "- You are lacking all of the following roles:\n{missing}"
)
_WINDOW_LIMITS = ((50, "unige-hpc-full"), (500, "unige-hpc-extreme"))
_REMOVE_IT = "Remove it, and a good one is made."
_OWNER_ALONE = 0o600
_SHORTEST_SECRET = 32  # bytes, as HS256 requires


class LackingRoles(NotAllowed):
    """The roles of a user do not allow the query."""


@dataclass(frozen=True)
class User:
    """A user as described by a token.

    Parameters
    ----------
    identity
        E-mail address or other subject of the token; empty without a token.
    roles
        Roles in the token.
    """

    identity: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)

    def check_windows(self, number: int) -> None:
        """Check that the roles allow a number of science windows.

        Raises
        ------
        LackingRoles
            If they do not.
        """
        needed = {role: limit for limit, role in _WINDOW_LIMITS if number > limit}
        missing = {role: limit for role, limit in needed.items() if role not in self.roles}
        if missing:
            lines = [f" - {r}: it is needed to request > {n} scw" for r, n in missing.items()]
            roles = sorted(self.roles)
            problem = _MISSING_ROLES.format(roles=roles, missing="\n".join(lines))
            advice = f"Ask for {_WINDOW_LIMITS[0][0]} science windows or fewer, or give a token."
            raise LackingRoles(problem, advice)

    def check_role(self, role: str) -> None:
        """Check that the user has a role.

        Raises
        ------
        NotAllowed
            If there is no token, or the role is not in it.
        """
        if self == NOBODY:
            raise NotAllowed("A token must be provided.", f"Give one with the role {role}.")
        if role not in self.roles:
            problem = (
                "Unfortunately, your privileges are not sufficient for this type of request.\n"
                f"Your privilege roles include {sorted(self.roles)}, but the following roles are "
                f"missing: {role}."
            )
            raise NotAllowed(problem, "Ask those who run the server for the role.")


NOBODY = User()


def user_of(token: Any, secret: str) -> User:
    """Return the user of a token, or `NOBODY` without a token.

    Raises
    ------
    NotAllowed
        If the token is expired, or not signed with the secret of this server.
    BadParameter
        If it is not a token.
    """
    if token in (None, ""):
        return NOBODY
    claims = _checked_claims(token, secret)
    roles = claims.get("roles") or []
    if isinstance(roles, str):
        roles = roles.split(",")
    names = [str(role).strip() for role in roles] if isinstance(roles, list) else []
    return User(str(claims.get("sub") or ""), frozenset(names))


def refreshed(token: Any, secret: str, seconds: float) -> str:
    """Return a token that expires later than the given one.

    Parameters
    ----------
    token
        Token with the role "refresh-tokens".
    secret
        Secret of the server.
    seconds
        Time by which it is extended.

    Raises
    ------
    NotAllowed
        If the token does not have the role.
    """
    user_of(token, secret).check_role("refresh-tokens")
    claims = _checked_claims(token, secret)
    return jwt.encode(claims | {"exp": claims["exp"] + seconds}, secret, algorithm="HS256")


def _checked_claims(token: Any, secret: str) -> dict[str, Any]:
    """Return the claims of a token after checking signature and expiry."""
    try:
        return _read_claims(token, secret)
    except jwt.ExpiredSignatureError:
        ended = time.gmtime(_read_claims(token, secret, verify_exp=False)["exp"])
        when = time.strftime("%Y-%m-%d %H:%M UTC", ended)
        raise NotAllowed(_EXPIRED, f"It expired on {when}. Give a new token.") from None
    except jwt.InvalidSignatureError:
        problem = "The token is not one of this server: its signature is wrong."
        raise NotAllowed(problem, "Give a token that this server has signed.") from None
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise BadParameter("token", "...", f"not a token: {error}", "Copy it again.") from None


def _read_claims(token: Any, secret: str, **options: bool) -> dict[str, Any]:
    rules: Any = {"require": ["exp"], **options}
    return jwt.decode(str(token), secret, algorithms=["HS256"], options=rules)


def secret_in(file: Path) -> str:
    """Return the secret of this server from a file, which is written on first use.

    Raises
    ------
    BadParameter
        If the file cannot be written or read, is not text, or the secret is too short.
    """
    try:
        with suppress(FileExistsError):
            _write_secret(file)
        secret = read_regular(file).decode("utf-8").strip()
    except UnicodeDecodeError:
        limit = "it is no text"
        raise BadParameter("secret", str(file), limit, _REMOVE_IT) from None
    except OSError as error:
        limit = f"it cannot be used ({error.strerror})"
        raise BadParameter("secret", str(file), limit, f"{remedy(error)}, or remove it.") from None
    if len(secret.encode()) < _SHORTEST_SECRET:
        limit = f"it holds less than {_SHORTEST_SECRET} characters"
        raise BadParameter("secret", str(file), limit, _REMOVE_IT)
    return secret


def _write_secret(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_new(file, secrets.token_urlsafe(48).encode(), mode=_OWNER_ALONE)
