"""Send requests to a mirror over HTTP: GET and HEAD only, encrypted, naming only files.

httpx sends them and stamina repeats them, as for dispatchers. fsspec would need aiohttp or s3fs,
and cannot resume files, check them or refuse redirects.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin, urlsplit

from oda_widgets.archive.mirror.patience import Patience
from oda_widgets.archive.mirror.retries import retrying
from oda_widgets.errors import ServiceError
from oda_widgets.forking import renew_in_children
from oda_widgets.request.words import one_line

if TYPE_CHECKING:
    import httpx

    from oda_widgets.archive.mirror.deadlines import Deadlines

# Files must arrive unchanged: a .gz must not be unpacked on the way.
_HEADERS = {"User-Agent": "oda_widgets", "Accept-Encoding": "identity"}
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ABSENT = frozenset({404, 410})
_CLOSED = frozenset({401, 403, 451})
_FORGIVEN_AFTER = 60.0  # seconds after which an unreachable server is tried again
_LARGEST_DOCUMENT = 16 << 20
_OFFLINE = "What is in the cache can be used without it; try again when it is back."

Taken = TypeVar("Taken")


class Passing(Exception):
    """A failure that may not occur again at the next attempt."""


class Absent(Exception):
    """The server has no such file."""


class Closed(ServiceError):
    """A file that is not public; buckets also answer so for missing files."""


class ServerGone(ServiceError):
    """A server that does not answer, even after several attempts."""


class Stopped(Exception):
    """A transfer that ended because it is no longer needed."""


class Transport:
    """A connection to a mirror; may be used by several threads at once.

    Parameters
    ----------
    base
        Address of the mirror, without a slash at its end (see `address.checked_base`).
    patience
        How long to wait for the server.
    """

    def __init__(self, base: str, patience: Patience | None = None) -> None:
        self.base = base
        self.patience = patience or Patience()
        self._gone: tuple[float, ServerGone] | None = None
        self._renew()
        renew_in_children(self._renew)

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._connection: httpx.Client | None = None
        self._deadlines: Deadlines | None = None

    def __reduce__(self) -> tuple[type[Transport], tuple[str, Patience]]:
        """Travel to worker processes without the connection."""
        return Transport, (self.base, self.patience)

    def read(self, path: str, parameters: Mapping[str, str] | None = None) -> bytes:
        """Return a small document.

        Parameters
        ----------
        path
            Path below the base, or below the root of the server if it begins with a slash.
        parameters
            Parameters of the query in the address.

        Raises
        ------
        Absent
            If the server has no such document.
        ServiceError
            If the server does not answer, or sends something unexpected.
        """

        def once() -> bytes:
            content = bytearray()
            with self.opened("GET", path, params=dict(parameters or {})) as response:
                for piece in response.iter_bytes():
                    content += piece
                    if len(content) > _LARGEST_DOCUMENT:
                        raise ServiceError(f"{self._full(path)} is too long for a list.", _OFFLINE)
            return bytes(content)

        return self.patiently(once)

    def patiently(self, once: Callable[[], Taken], progressed: Callable[[], bool] = bool) -> Taken:
        """Call a function, repeatedly while it fails for temporary reasons.

        Parameters
        ----------
        once
            Raises `Passing` if another try may help.
        progressed
            Returns True if the last try brought new bytes, which resets the patience.

        Raises
        ------
        ServerGone
            If no try succeeds.
        """
        self._check_not_gone()
        patience = self.patience
        while True:
            attempts = retrying(
                Passing,
                attempts=patience.tries,
                timeout=patience.total,
                wait_initial=patience.first_wait,
                wait_max=patience.longest_wait,
                wait_jitter=patience.first_wait,
            )
            try:
                for attempt in attempts:
                    with attempt:
                        return once()
            except Passing as failure:
                if progressed():
                    continue
                raise self._give_up(failure) from None

    @contextmanager
    def opened(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **words: Any
    ) -> Iterator[httpx.Response]:
        """Open a response with the status 200, 206 or 416; redirects are followed on the server.

        Raises
        ------
        Passing
            If another try may help.
        Absent
            If the server has no such file.
        ServiceError
            If it refuses, redirects elsewhere, or its certificate is not valid.
        """
        import httpx  # noqa: PLC0415 - loaded with the first request, not with the package

        from oda_widgets.archive.mirror.deadlines import OutOfTime  # noqa: PLC0415 - as httpx

        url = self._full(path)
        try:
            for _ in range(_MOST_REDIRECTS):
                request = self._client().build_request(method, url, headers=headers, **words)
                with closing(self._send(request)) as response:
                    if response.status_code not in _REDIRECTS:
                        self._check_status(response)
                        yield response
                        return
                    url = self._redirect_target(url, response)
        except OutOfTime as late:
            raise ServiceError(f"{self._full(path)}: it has not {late}.", _OFFLINE) from None
        except httpx.TransportError as error:
            self._check_certificate(error)
            raise Passing(one_line(str(error), 120) or type(error).__name__) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServiceError(f"{url} cannot be asked for ({error}).", "Correct it.") from error
        raise Passing(f"{self._full(path)} redirects more than {_MOST_REDIRECTS} times")

    def _send(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return the response once its headers have arrived."""
        client = self._client()
        assert self._deadlines is not None  # noqa: S101 - made with the client
        seconds = self.patience.connect + self.patience.read
        with self._deadlines.within(seconds, "begun its response"):
            return client.send(request, stream=True)

    @property
    def gone(self) -> ServerGone | None:
        """Reason why no request is sent to the server now."""
        if self._gone is not None and time.monotonic() - self._gone[0] < _FORGIVEN_AFTER:
            return self._gone[1]
        return None

    def _check_not_gone(self) -> None:
        if self.gone is not None:
            raise self.gone

    def _give_up(self, failure: Passing) -> ServiceError:
        """Return the error of a request that failed at every try."""
        import httpx  # noqa: PLC0415 - as in `opened`

        cause = failure.__cause__
        if not isinstance(cause, httpx.TransportError):
            return ServiceError(f"{self.base}: {failure}.", "Try again later.")
        gone = ServerGone(f"{self.base} does not answer ({failure}).", _OFFLINE)
        if isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.ReadTimeout):
            self._gone = time.monotonic(), gone
        return gone

    def _full(self, path: str) -> str:
        if not path.startswith("/"):
            return f"{self.base}/{path}"
        parts = urlsplit(self.base)
        return f"{parts.scheme}://{parts.netloc}{path}"

    def _client(self) -> httpx.Client:
        from http.cookiejar import CookieJar, DefaultCookiePolicy  # noqa: PLC0415 - as httpx

        import httpx  # noqa: PLC0415 - as in `opened`

        from oda_widgets.archive.mirror.deadlines import Deadlines  # noqa: PLC0415 - as httpx

        with self._lock:
            if self._connection is None:
                patience = self.patience
                self._connection = httpx.Client(
                    timeout=httpx.Timeout(patience.read, connect=patience.connect),
                    follow_redirects=False,
                    headers=_HEADERS,
                    cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                )
                self._deadlines = Deadlines(self._connection)
                weakref.finalize(self, self._connection.close)
            return self._connection

    def _check_status(self, response: httpx.Response) -> None:
        status = response.status_code
        if status in {200, 206, 416}:
            return
        if status in _ABSENT:
            raise Absent(str(response.url))
        if status in _CLOSED:
            problem = f"{response.url} is not public (status {status})."
            raise Closed(problem, "Choose another mirror, or leave it out.")
        if status == 429 or status >= 500:
            raise Passing(f"{response.url.path} has the status {status}")
        problem = f"{response.url} has the status {status}."
        raise ServiceError(problem, "Check the address of the archive.")

    def _redirect_target(self, url: str, response: httpx.Response) -> str:
        """Return the target of a redirect if it is on the same server, with the same encryption."""
        stated = response.headers.get("location", "")
        try:
            target: str = urljoin(url, stated)
            here, there = urlsplit(url), urlsplit(target)
        except ValueError:  # an unclosed bracket
            problem = f"{one_line(url, 200)} redirects to {one_line(stated, 100)}, no address."
            raise ServiceError(problem, "Check the address of the archive.") from None
        if (here.scheme, here.netloc.lower()) == (there.scheme, there.netloc.lower()):
            return target
        elsewhere = f"{there.scheme}://{there.netloc}"
        unsafe = " without encryption" if there.scheme == "http" else ""
        problem = f"{one_line(url, 200)} redirects to {one_line(elsewhere, 100)}{unsafe}."
        raise ServiceError(problem, "If you trust that server, give its address as the archive.")

    def _check_certificate(self, error: BaseException) -> None:
        import ssl  # noqa: PLC0415 - loaded when a server is asked

        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                problem = f"The certificate of {self.base} is not valid ({cause.verify_message})."
                advice = (
                    "Nothing is fetched from it. Check the address, the clock of this machine and "
                    "whether a proxy stands between; SSL_CERT_FILE names further authorities."
                )
                raise ServiceError(problem, advice) from error
            cause = cause.__cause__ or cause.__context__
