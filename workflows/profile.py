"""The environment in which any process of ours meets Prefect. Nothing here imports Prefect.

Prefect reads its settings once, when it is imported. So every process that uses it calls `apply` first,
and the supervisor hands the same environment to its children. What a person's own shell or profile says
about Prefect is dropped: it might point at another server (reliability D.2, design 5.13).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from casework.settings import Settings

_USER = "sgo"
_SWITCHED_OFF = (
    # Nothing leaves this machine (reliability P18).
    "PREFECT_SERVER_ANALYTICS_ENABLED",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS",
    "PREFECT_LOGFIRE_ENABLED",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT",
    "PREFECT_SERVER_UI_V2_ENABLED",  # its pages call an analytics host (reliability 0.1.6)
    "PREFECT_SERVER_EPHEMERAL_ENABLED",  # no script starts a server of its own (reliability P19)
    # Nothing is kept but opaque ids and counts (reliability P20, E.2).
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT",
    "PREFECT_TASKS_DEFAULT_PERSIST_RESULT",
    "PREFECT_LOGGING_LOG_PRINTS",
    "PREFECT_PLUGINS_ENABLED",
    # Services for what we do not use: work pools, pauses, blocks, and a feed of events that took a fifth of
    # a run's time and three quarters of the database. Automations hear events without it.
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED",
    "PREFECT_SERVER_SERVICES_FOREMAN_ENABLED",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED",
    "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_ENABLED",
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED",
    "PREFECT_LOGGING_COLORS",
    "PREFECT_CLI_COLORS",
)


def folder(settings: Settings) -> Path:
    """Where Prefect keeps its own database and files. It may be deleted while nothing runs (R15)."""
    return settings.home / "prefect"


def api_url(settings: Settings) -> str:
    """The address of our Prefect server's API."""
    host = f"[{settings.prefect.host}]" if ":" in settings.prefect.host else settings.prefect.host
    return f"http://{host}:{settings.prefect.port}/api"


def password(settings: Settings) -> str:
    """`user:password` of our Prefect server, made once and kept in a file that only its owner can read."""
    path = folder(settings) / "password"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{_USER}:{secrets.token_urlsafe(32)}")
    except FileExistsError:
        pass
    return path.read_text(encoding="utf-8").strip()


def environment(settings: Settings) -> dict[str, str]:
    """Every variable that Prefect, server or client, is run with."""
    home = folder(settings)
    here = api_url(settings)
    known = password(settings)
    return {
        **dict.fromkeys(_SWITCHED_OFF, "false"),
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_API_URL": here,
        "PREFECT_API_AUTH_STRING": known,
        "PREFECT_API_REQUEST_TIMEOUT": "10",
        "PREFECT_CLIENT_MAX_RETRIES": "2",  # the worker's own patience decides, not the client's (design 2)
        "PREFECT_SERVER_API_HOST": settings.prefect.host,
        "PREFECT_SERVER_API_PORT": str(settings.prefect.port),
        "PREFECT_SERVER_API_AUTH_STRING": known,
        "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": here.removesuffix("/api"),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        "PREFECT_SERVER_UI_ENABLED": "true" if settings.prefect.ui else "false",
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home / "pages"),
        "PREFECT_UI_API_URL": here,  # else its pages look for the server on port 4200
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",  # never pickle
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        # On SQLite a run took 2.2 s until the recorder was batched (design 2).
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "50",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "50",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
        # History for 14 days (reliability E.3.6, P13).
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "1209600",
        # A run every minute is planned five minutes ahead, not an hour.
        "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME": "PT5M",
    }


def without_prefect(env: Mapping[str, str]) -> dict[str, str]:
    """An environment with nothing said about Prefect."""
    return {name: value for name, value in env.items() if not name.startswith("PREFECT_")}


def apply(settings: Settings, env: MutableMapping[str, str] | None = None) -> None:
    """Make this process meet Prefect our way. Call before anything imports Prefect."""
    env = os.environ if env is None else env
    for name in [name for name in env if name.startswith("PREFECT_") and not name.startswith("PREFECT__")]:
        del env[name]
    env.update(environment(settings))
