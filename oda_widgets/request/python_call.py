"""A query as the Python code that makes it."""

from __future__ import annotations

from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query, SpectrumQuery
from oda_widgets.request.survey_query import NSIDE, AnyQuery, SurveyQuery
from oda_widgets.request.timespan import TimeInterval


def script(query: Query, archive: str | None = None, energies: str = "auto") -> str:
    """Return a whole script that makes a query.

    Parameters
    ----------
    query
        A query of any kind.
    archive
        Argument of `connect` for the archive; None or empty text for the default.
    energies
        Argument of `connect` for the energies.

    Examples
    --------
    >>> print(script(query, "sample"))
    import ...
    site = oda.connect(archive='sample')
    image = site.image(
        windows=['255900280010.001'],
        energy=(28, 80),
        detection_threshold=6,
    )
    <BLANKLINE>
    """
    connected = connection(archive=archive or "", energies=energies)
    return f"import oda_widgets as oda\n\nsite = {connected}\n{call(query)}"


def connection(**arguments: str) -> str:
    """Return the call of `connect`, without the arguments that have their default.

    Examples
    --------
    >>> connection(archive="heasarc", energies="auto")
    "oda.connect(archive='heasarc')"
    """
    given = {name: value for name, value in arguments.items() if value not in {"", "auto"}}
    return f"oda.connect({', '.join(f'{name}={value!r}' for name, value in given.items())})"


def call(query: AnyQuery) -> str:
    """Return the call on ``site`` that makes exactly this query.

    Examples
    --------
    >>> call(query).splitlines()[0]
    'image = site.image('
    """
    if isinstance(query, ImageQuery):
        return _formatted("image = site.image", _image_arguments(query))
    if isinstance(query, SpectrumQuery):
        return _formatted("spectra = site.spectra", _fit_arguments(query))
    if isinstance(query, SurveyQuery):
        return _formatted("sky = site.survey", _survey_arguments(query))
    return _formatted("curves = site.light_curves", _fit_arguments(query))


def _survey_arguments(query: SurveyQuery) -> list[str]:
    pixels = [] if query.nside == NSIDE else [f"nside={query.nside}"]
    return [f"windows={_windows(query)}", f"energy={_band(query)}", *pixels]


def _formatted(function: str, arguments: list[str]) -> str:
    """Return a call with one argument on each line."""
    body = "".join(f"    {argument},\n" for argument in arguments)
    return f"{function}(\n{body})"


def _image_arguments(query: ImageQuery) -> list[str]:
    source = None if query.source is None else query.source.name
    if query.source is not None and query.source.resolved_by == "coordinates":
        source = (query.source.ra, query.source.dec)  # type: ignore[assignment]
    windows = _windows(query)
    first = [f"windows={windows}"] if source is None else [repr(source), windows]
    arguments = [*first, *_instrument(query), f"energy={_band(query)}"]
    if query.intervals:
        arguments.append(f"intervals={_intervals(query.intervals)}")
    if len(query.catalog):
        arguments.append(f"catalog={_catalog(query.catalog)}")
    return [*arguments, f"detection_threshold={_number(query.detection_threshold)}"]


def _fit_arguments(query: SpectrumQuery | LightCurveQuery) -> list[str]:
    arguments = [] if not query.science_windows else [_windows(query)]
    if len(query.catalog.selected):
        arguments.append(f"catalog={_catalog(query.catalog)}")
    arguments += _instrument(query)
    if isinstance(query, LightCurveQuery):
        arguments += [f"energy={_band(query)}", f"time_bin={_number(query.time_bin)}"]
    if query.intervals:
        arguments.append(f"intervals={_intervals(query.intervals)}")
    return arguments


def _instrument(query: Query) -> list[str]:
    return [] if query.instrument == "isgri" else [f"instrument={query.instrument!r}"]


def _windows(query: AnyQuery) -> str:
    return repr(list(query.science_windows))


def _band(query: ImageQuery | LightCurveQuery | SurveyQuery) -> str:
    return f"({_number(query.energy.low)}, {_number(query.energy.high)})"


def _intervals(intervals: tuple[TimeInterval, ...]) -> str:
    """Return intervals in IJD days with all digits, so that the query has the same identity."""
    return repr([(interval.start, interval.stop) for interval in intervals])


def _catalog(catalog: SourceCatalog) -> str:
    sources = ", ".join(_source(source) for source in catalog.selected)
    return f"oda.SourceCatalog.of([{sources}])"


def _source(source: CatalogSource) -> str:
    return f"oda.CatalogSource({source.name!r}, {source.ra!r}, {source.dec!r})"


def _number(value: float) -> str:
    return repr(int(value)) if value == int(value) else repr(value)
