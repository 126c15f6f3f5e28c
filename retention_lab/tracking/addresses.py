"""Addresses of stores: which kinds there are, how to show one without its password, whether one answers."""

import os
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

import sqlalchemy
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request

from retention_lab.errors import StoreError

SERVER_SCHEMES = ("http", "https")
DATABASE_SCHEMES = ("postgresql", "mysql", "mssql")
PROBE_SECONDS = 5

_UNREACHABLE = (
    "Check the address and that the server runs; unset MLFLOW_TRACKING_URI to use the project's own store."
)


def scheme(uri: str) -> str:
    """The kind of a store: `postgresql` for `postgresql+psycopg2://…`, empty where there is none."""
    return uri.split(":", 1)[0].split("+", 1)[0].lower() if ":" in uri else ""


def masked(uri: str) -> str:
    """The address without user, password, query and fragment, any of which may be secret.

    >>> masked("postgresql://ann:pa55@db.example:5432/lab?sslpassword=x")
    'postgresql://***@db.example:5432/lab'
    """
    parts = urlsplit(uri)
    host = parts.netloc.rpartition("@")[2]
    shown = f"***@{host}" if "@" in parts.netloc else host
    if parts.scheme.startswith("sqlite"):
        return f"{parts.scheme}://{parts.path}"
    return urlunsplit(SplitResult(parts.scheme, shown, parts.path, "", ""))


def without_secret(text: str, uri: str) -> str:
    """The text with every secret part of the address, plain or percent-encoded, struck out."""
    parts = urlsplit(uri)
    secrets = [
        part for part in (parts.password, parts.query, os.environ.get("MLFLOW_TRACKING_PASSWORD")) if part
    ]
    secrets += [unquote(part) for part in secrets]
    for secret in sorted(set(secrets), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def sqlite_uri(path: Path) -> str:
    """The address of a SQLite file.

    Raises StoreError where the path holds `%` or `?`, which mean something else in an address: quoted,
    SQLAlchemy would find the file, but MLflow would make folders of the quoted name.
    """
    if "%" in str(path) or "?" in str(path):
        raise StoreError(
            "The folder of the tracking store has '%' or '?' in its path, which MLflow cannot address.",
            "Rename the folder, or name another store under `tracking` in lab.yaml.",
            file=path,
        )
    return f"sqlite:///{path}"


def sqlite_path(uri: str, base: Path) -> Path:
    """The file that a SQLite address names; a relative one counts from `base`.

    Raises StoreError where it names no file: a store in memory would be lost at the end of the command.
    """
    name = sqlalchemy.engine.make_url(uri).database
    if not name or name == ":memory:":
        raise StoreError(
            "The address of the tracking store names no file.",
            "Write sqlite:///path/mlflow.db.",
            key="tracking.uri",
        )
    return (base / name).resolve()


def probe_server(uri: str) -> None:
    """Ask an MLflow server whether it is there, with two tries of 5 s each.

    Raises StoreError where it is not.
    """
    try:
        http_request(
            get_default_host_creds(uri),
            "/health",
            "GET",
            max_retries=1,
            timeout=PROBE_SECONDS,
            backoff_factor=0,
        )
    except Exception as error:
        raise StoreError(f"The tracking server at {masked(uri)} cannot be reached.", _UNREACHABLE) from error


def probe_database(uri: str) -> None:
    """Connect to a database server once.

    MLflow itself would try ten times over 100 seconds, and print the address.
    Raises StoreError where the driver is missing or the server does not answer.
    """
    try:
        engine = sqlalchemy.create_engine(uri, connect_args=_connect_arguments(uri))
        try:
            engine.connect().close()
        finally:
            engine.dispose()
    except ModuleNotFoundError as error:
        package = {"psycopg2": "psycopg2-binary", "psycopg": "'psycopg[binary]'"}.get(
            str(error.name), error.name
        )
        raise StoreError(
            f"The tracking store at {masked(uri)} needs the driver '{error.name}', which is not installed.",
            f"Install it: pip install {package}",
        ) from error
    except Exception as error:
        raise StoreError(
            f"The tracking store at {masked(uri)} cannot be reached ({type(error).__name__}).",
            _UNREACHABLE,
        ) from None  # the driver's own words may hold the password


def _connect_arguments(uri: str) -> dict[str, int]:
    return {"connect_timeout": PROBE_SECONDS} if scheme(uri) in ("postgresql", "mysql") else {}
