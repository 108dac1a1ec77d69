"""What a person who runs the system may set: environment over `sgo.toml` over defaults.

Nothing an authority decides stands here: its numbers are policy (design 5.7). Secrets come from files; the one for
GOV.UK Notify may come from the environment too, where a container's secrets usually are.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from casework.errors import Unusable
from persistence.waiting import BUSY_SECONDS
from states.vocabulary import Role, Service

if TYPE_CHECKING:
    from sqlalchemy import URL

FILE_NAME = "sgo.toml"
NOTIFY_ADDRESS = "https://api.notifications.service.gov.uk"


class SettingsRefused(Unusable):
    """The settings cannot be used; everything that is wrong with them, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("The settings cannot be used:\n" + "\n".join(f"  {problem}" for problem in problems))


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MailSettings(_Section):
    """How messages leave: into a folder (the default, nothing is sent), by SMTP, or through GOV.UK Notify."""

    channel: Literal["file", "smtp", "notify"] = "file"
    folder: Path = Path("mail")  # the file channel's mailbox
    host: str | None = None
    port: int = Field(default=587, ge=1, le=65535)
    user: str | None = None
    password_file: Path | None = None
    tls: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Path | None = None  # a certificate authority of the council's own
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    from_address: str = "sgo-pathway@localhost"

    @model_validator(mode="after")
    def _sendable(self) -> Self:
        if self.channel == "smtp" and not self.host:
            raise ValueError("sending by SMTP needs a host")
        if self.channel == "smtp" and self.tls == "none" and not is_loopback(self.host or ""):
            raise ValueError("mail may leave this machine only encrypted: tls must be starttls or tls")
        if (self.user is None) != (self.password_file is None):
            raise ValueError("user and password_file belong together")
        if "@" not in self.from_address or re.search(r"[\s<>]", self.from_address):
            raise ValueError("from_address is not a mail address")
        return self

    @property
    def attaches(self) -> bool:
        """Whether the channel carries an entry for the diary. GOV.UK Notify takes no calendar files."""
        return self.channel != "notify"

    def password(self) -> str | None:
        """The password, read from its file now. Raises SettingsRefused when it cannot be read."""
        return None if self.password_file is None else _secret(self.password_file)


class NotifySettings(_Section):
    """The service at GOV.UK Notify, for `mail.channel = "notify"`. See docs/operations.md for its one template."""

    api_key: str | None = Field(default=None, repr=False)  # only by the environment: SGO_NOTIFY_API_KEY
    api_key_file: Path | None = None
    template: str | None = None  # the id of the template with ((subject)) and ((body))
    reply_to: str | None = None  # the id of a reply-to address; None: the service's own
    address: str = NOTIFY_ADDRESS
    callback_token_file: Path | None = None  # what Notify proves itself with when it calls us; None: nobody may call

    @field_validator("template", "reply_to")
    @classmethod
    def _is_an_id(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(_UUID, value):
            raise ValueError("not an id as GOV.UK Notify shows it: five groups of letters and digits with dashes")
        return value

    @field_validator("address")
    @classmethod
    def _is_encrypted(cls, value: str) -> str:
        found = re.fullmatch(r"(https?)://([^\s/?#@:]+)(:\d+)?/?", value)
        if found is None:
            raise ValueError("not an address such as " + NOTIFY_ADDRESS)
        if found[1] == "http" and not is_loopback(found[2]):
            raise ValueError("mail may leave this machine only encrypted: the address must begin with https://")
        return value.rstrip("/")

    def key(self) -> str:
        """The API key, from its file or the environment. Raises SettingsRefused where it is none."""
        key = (self.api_key or "").strip() if self.api_key_file is None else _secret(self.api_key_file)
        where = "SGO_NOTIFY_API_KEY" if self.api_key_file is None else f"the file {self.api_key_file}"
        if not re.fullmatch(rf"[^\s]*{_UUID}-{_UUID}", key):
            raise SettingsRefused(
                [f"What stands in {where} is no API key of GOV.UK Notify: it ends in two ids with dashes."]
            )
        return key

    def callback_token(self) -> str | None:
        """The bearer token of callbacks, or None. Raises SettingsRefused where it cannot be read or is too short."""
        token = None if self.callback_token_file is None else _secret(self.callback_token_file)
        if token is not None and len(token) < _TOKEN:
            raise SettingsRefused([f"The token in {self.callback_token_file} needs {_TOKEN} characters at least."])
        return token


class PrefectSettings(_Section):
    """Where our Prefect server listens. It stays behind a password on this machine (design 5.13)."""

    host: str = "127.0.0.1"
    port: int = Field(default=4200, ge=1, le=65535)
    ui: bool = False  # Prefect's own pages, for operators
    ui_link: str | None = None  # their address as an operator reaches it; shown only when set
    patience_seconds: float = Field(default=120, ge=0)  # without Prefect for this long: drain without it


class WebSettings(_Section):
    """Where the pages listen: on this machine; a council puts its own proxy in front (docs/operations.md)."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    sign_in_as: bool = False  # anyone may sign in as anyone: only for an invented county, on this machine
    proxy: str | None = None  # the address of the reverse proxy, whose word of who asks is believed

    @field_validator("proxy")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value:
            try:
                ipaddress.ip_address(value)
            except ValueError:
                raise ValueError("not the address of a machine, such as 127.0.0.1") from None
        return value or None

    @model_validator(mode="after")
    def _only_here(self) -> Self:
        if self.sign_in_as and not is_loopback(self.host):
            raise ValueError("sign_in_as lets anyone be anyone: it is possible only on this machine (127.0.0.1)")
        return self


class SignInSettings(_Section):
    """How long a sign-in lasts, and what a password needs (docs/operations.md)."""

    local: bool = True  # by password and code kept here; False where everybody comes by the identity provider
    idle_minutes: int = Field(default=30, ge=1, le=24 * 60)
    longest_hours: int = Field(default=12, ge=1, le=24)
    proof_minutes: int = Field(default=5, ge=1, le=60)  # how fresh the proof must be where money is signed
    password_length: int = Field(default=12, ge=8, le=64)
    link_hours: int = Field(default=48, ge=1, le=24 * 14)  # how long a one-time link is good


class ProviderSettings(_Section):
    """The council's identity provider, by OpenID Connect (docs/operations.md). Without an issuer there is none."""

    name: str = "your council account"  # "Sign in with …"
    issuer: str = ""
    client_id: str = ""
    client_secret_file: Path | None = None  # None: a public client, by PKCE alone
    ca_file: Path | None = None  # a certificate authority of the council's own
    scopes: str = "openid profile"
    link_claim: str | None = None  # the claim with somebody's handle here; None: an administrator links each person
    roles_claim: str = "roles"
    roles: dict[str, str] = {}  # a value of that claim -> "ROLE" or "ROLE @ TEAM OR SERVICE"; none: given here

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.issuer and not self.client_id:
            raise ValueError("an identity provider needs a client_id")
        if self.issuer and not is_encrypted_or_here(self.issuer):
            raise ValueError("the issuer's address must begin with https://")
        unknown = [words for words in self.roles.values() if _role_of(words) is None]
        if unknown:
            raise ValueError(f"there is no such role, or it needs a service: {'; '.join(unknown)}")
        return self

    @property
    def trusted(self) -> bool | str:
        """What the provider's certificate is checked against, as `requests` takes it."""
        return str(self.ca_file) if self.ca_file else True

    def secret(self) -> str | None:
        """The client's secret, read from its file now. Raises SettingsRefused when it cannot be read."""
        return None if self.client_secret_file is None else _secret(self.client_secret_file)

    def posts(self, claimed: Iterable[str]) -> frozenset[Post]:
        """The roles that claims stand for; those that the settings do not name count for nothing."""
        return frozenset(post for one in claimed if one in self.roles and (post := _role_of(self.roles[one])))


@dataclass(frozen=True, slots=True)
class Post:
    """A role with the team or the service it is held for."""

    role: Role
    team: str | None = None
    service: Service | None = None


def _role_of(words: str) -> Post | None:
    name, _, where = (part.strip() for part in words.partition("@"))
    try:
        role = Role(name)
        service = Service(where) if role is Role.GROUP_MEMBER else None
    except ValueError:
        return None
    return Post(role, team=where or None if role is Role.TEAM_MANAGER else None, service=service)


class Settings(_Section):
    """Everything that can be set. Frozen: a process keeps the settings it started with."""

    home: Path
    database_url: str = Field(default="", repr=False)  # empty: SQLite in the home folder
    database_password_file: Path | None = None
    access_url: str | None = Field(default=None, repr=False)  # SQLite only; None: access.db beside it
    busy_seconds: float = Field(default=BUSY_SECONDS, gt=0, le=120)
    pg_bin: Path | None = None  # where pg_dump and pg_restore are, if not on PATH
    seals_copy: Path | None = None  # a second place for each night's chain head, off this machine
    templates_folder: Path | None = None  # the council's own Word templates, by the names of ours
    system_name: str = "SGO pathway"
    council_name: str | None = None  # whose pages these are: above every page
    council_colour: str = "#1d4f73"  # behind white words: dark enough to read them
    contact: str | None = None  # whom people ask about these pages: a mail address or a telephone number
    link_base: str | None = None  # the pages' address as people reach it; None: mails name the reference instead
    cli_decisions: bool = False  # money may be signed by command line (design 7: tests and the demo)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    mail: MailSettings = MailSettings()
    notify: NotifySettings = NotifySettings()
    prefect: PrefectSettings = PrefectSettings()
    web: WebSettings = WebSettings()
    sign_in: SignInSettings = SignInSettings()
    provider: ProviderSettings = ProviderSettings()

    @classmethod
    def load(cls, env: Mapping[str, str], *, home: Path | None = None) -> Settings:
        """Read the settings: `SGO_*` and DATABASE_URL over `<home>/sgo.toml` over defaults.

        `home` overrides SGO_HOME. Raises SettingsRefused naming everything that is wrong at once, with the
        line of the file or the name of the variable.
        """
        where = (home or _home(env)).expanduser().absolute()
        problems: list[str] = []
        lines, found = _from_file(where / FILE_NAME, problems)
        names = _from_environment(env, found, problems)
        settings: Settings | None = None
        try:
            settings = cls.model_validate({**found, "home": where})
        except ValidationError as error:
            for one in error.errors(include_url=False, include_input=False):
                key = ".".join(str(part) for part in one["loc"])
                at = names.get(key) or (f"{FILE_NAME} line {lines[key]}" if key in lines else key)
                problems.append(f"{at}: {one['msg']}".removeprefix(": ").replace("Value error, ", ""))
        if settings is None or problems:
            raise SettingsRefused(problems)
        return settings

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("link_base")
    @classmethod
    def _is_link(cls, value: str | None) -> str | None:
        if not value:
            return None
        if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
            raise ValueError("not an address that starts with http:// or https://")
        return value.rstrip("/")

    @field_validator("council_colour")
    @classmethod
    def _is_dark(cls, value: str) -> str:
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            raise ValueError("not a colour such as #1d4f73")
        if contrast_with_white(value) < _READABLE:
            raise ValueError("too light: white words on it could not be read (WCAG 2.2 asks for 4.5 to 1)")
        return value.lower()

    @field_validator("database_url", "access_url")
    @classmethod
    def _is_database(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not value or value == _embedded(info.data.get("home")):
            return value
        from persistence.engine import DatabaseError

        try:
            return _checked(value).render_as_string(hide_password=False)
        except DatabaseError as error:
            raise ValueError(str(error)) from None
        except Exception:  # noqa: BLE001 - SQLAlchemy would quote the address, password and all
            raise ValueError("not the address of a database") from None

    @model_validator(mode="after")
    def _notify_is_complete(self) -> Self:
        if self.mail.channel != "notify":
            return self
        missing = []
        if self.notify.template is None:
            missing.append("notify.template, the id of the template")
        if self.notify.api_key is None and self.notify.api_key_file is None:
            missing.append("notify.api_key_file, or SGO_NOTIFY_API_KEY in the environment")
        if missing:
            raise ValueError("mail.channel is notify, and it needs " + "; and ".join(missing))
        if self.notify.api_key is not None and self.notify.api_key_file is not None:
            raise ValueError("SGO_NOTIFY_API_KEY and notify.api_key_file are both set: keep one of them")
        return self

    @model_validator(mode="after")
    def _provider_finds_back(self) -> Self:
        if self.provider.issuer and not self.link_base:
            raise ValueError("the identity provider sends people back to link_base: it must be set")
        return self

    @model_validator(mode="before")
    @classmethod
    def _paths_under_home(cls, data: Any) -> Any:
        """A path that does not start at the root is meant from the home folder."""
        if not isinstance(data, dict) or "home" not in data:
            return data
        home = Path(data["home"])
        data = {**data, "database_url": data.get("database_url") or _embedded(home)}
        mail = data.get("mail", {})
        if isinstance(mail, MailSettings):
            mail = mail.model_dump()
        if isinstance(mail, dict):
            mail = {"folder": "mail", **mail}
            data["mail"] = _rooted(mail, ("folder", "password_file", "ca_file"), home)
        if isinstance(notify := data.get("notify"), dict):
            data["notify"] = _rooted(notify, ("api_key_file", "callback_token_file"), home)
        if isinstance(provider := data.get("provider"), dict):
            data["provider"] = _rooted(provider, ("client_secret_file", "ca_file"), home)
        return _rooted(data, ("database_password_file", "pg_bin", "seals_copy", "templates_folder"), home)

    @property
    def database_address(self) -> str:
        """The database's address with its password, read from its file now. Never to be shown or logged."""
        if self.database_password_file is None:
            return self.database_url
        address = _checked(self.database_url).set(password=_secret(self.database_password_file))
        return address.render_as_string(hide_password=False)

    @property
    def embedded_file(self) -> Path | None:
        """The file of the case database where nobody named another database."""
        return self.home / "sgo.db" if self.database_url == _embedded(self.home) else None

    @property
    def seals_folder(self) -> Path:
        """Where each night's chain head is written, outside the database (design 5.4)."""
        return self.home / "seals"

    def prepare_home(self) -> None:
        """Make the home folder, for its owner only, and everything this process writes from now on too.

        Raises SettingsRefused when the folder is somebody else's.
        """
        os.umask(0o077)
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.home.stat().st_mode & 0o077:
                self.home.chmod(0o700)
        except OSError as error:
            raise SettingsRefused([f"The folder {self.home} cannot be used: {error.strerror}."]) from error


def _embedded(home: object) -> str:
    """The address of the database where nobody names another: a file in the home folder."""
    return f"sqlite:///{Path(str(home)) / 'sgo.db'}"


def _checked(address: str) -> URL:
    """As the database layer wants it. It is loaded only for this: who starts the processes needs none of it."""
    from persistence.engine import database_url

    return database_url(address)


def contrast_with_white(colour: str) -> float:
    """How well white words can be read on a colour such as #1d4f73, by WCAG's formula: from 1 to 21."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_encrypted_or_here(address: str) -> bool:
    """Whether an address is reached by TLS, or lies on this machine."""
    found = re.fullmatch(r"(https?)://(\[[^\]]+\]|[^\s/?#@:]+)(:\d+)?(/[^\s?#]*)?", address)
    return found is not None and (found[1] == "https" or is_loopback(found[2]))


# -- sources ----------------------------------------------------------------------------------------------

_SECTIONS: dict[str, type[_Section]] = {
    "mail": MailSettings,
    "notify": NotifySettings,
    "prefect": PrefectSettings,
    "web": WebSettings,
    "sign_in": SignInSettings,
    "provider": ProviderSettings,
}
_TOP = frozenset(Settings.model_fields) - set(_SECTIONS) - {"home"}
_KNOWN = _TOP | {f"{section}.{name}" for section, model in _SECTIONS.items() for name in model.model_fields}
#: Where people would put a secret; refused by name, with where it belongs.
_SECRETS = {
    "mail.password": "mail.password_file",
    "database_password": "database_password_file",
    "provider.client_secret": "provider.client_secret_file",
}
#: The same for what may come from the environment: refused in the file.
_SECRETS_OF_THE_ENVIRONMENT = {"notify.api_key": "notify.api_key_file"}
_TOKEN = 20
_READABLE = 4.5
_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"


def _home(env: Mapping[str, str]) -> Path:
    if env.get("SGO_HOME"):
        return Path(env["SGO_HOME"])
    data = env.get("XDG_DATA_HOME")
    return (Path(data) if data else Path(env.get("HOME") or "~") / ".local" / "share") / "sgo-pathway"


def _from_file(path: Path, problems: list[str]) -> tuple[dict[str, int], dict[str, Any]]:
    """The line of every key, and the values; what is not known goes to `problems`."""
    try:
        words = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}, {}
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{FILE_NAME} cannot be read: {error}")
        return {}, {}
    try:
        data = tomllib.loads(words)
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{FILE_NAME} is not written as TOML: {error}")
        return {}, {}
    lines = _lines(words)
    found: dict[str, Any] = {}
    for name, value in data.items():
        if name not in _SECTIONS:
            _take(found, name, value, f"{FILE_NAME} line {lines.get(name, 0)}", problems)
        elif not isinstance(value, dict):
            problems.append(f"{FILE_NAME} line {lines.get(name, 0)}: [{name}] is a section, not a value")
        else:
            for key, one in value.items():
                full = f"{name}.{key}"
                _take(found, full, one, f"{FILE_NAME} line {lines.get(full, 0)}", problems)
    return lines, found


def _from_environment(env: Mapping[str, str], found: dict[str, Any], problems: list[str]) -> dict[str, str]:
    """Put the environment's values over the file's; the name of the variable for every key it set."""
    names: dict[str, str] = {}
    if env.get("DATABASE_URL"):
        found["database_url"], names["database_url"] = env["DATABASE_URL"], "DATABASE_URL"
    for key in sorted(_KNOWN | _SECRETS.keys()):
        name = "SGO_" + key.replace(".", "_").upper()
        if name in env:
            _take(found, key, env[name], name, problems)
            names[key] = name
    known = {"SGO_" + key.replace(".", "_").upper() for key in _KNOWN | _SECRETS.keys()}
    ours = tuple(f"SGO_{section.upper()}_" for section in _SECTIONS)
    strange = [name for name in sorted(env) if name.startswith(ours) and name not in known]
    problems += [f"{name}: there is no such setting" for name in strange]
    return names


def _take(found: dict[str, Any], key: str, value: Any, at: str, problems: list[str]) -> None:
    secrets = _SECRETS | (_SECRETS_OF_THE_ENVIRONMENT if at.startswith(FILE_NAME) else {})
    if key in secrets:
        problems.append(f"{at}: a secret is not a setting: put it in a file and name it with {secrets[key]}")
    elif key not in _KNOWN:
        problems.append(f"{at}: there is no setting {key}")
    elif "." in key:
        section, name = key.split(".")
        found.setdefault(section, {})[name] = value
    else:
        found[key] = value


def _lines(words: str) -> dict[str, int]:
    """The line each key stands on, as `section.key`: TOML's reader does not say."""
    lines: dict[str, int] = {}
    section = ""
    for number, line in enumerate(words.splitlines(), start=1):
        if header := re.match(r"\s*\[+\s*([\w.-]+)\s*\]+", line):
            section = header[1] + "."
            lines.setdefault(header[1], number)
        elif key := re.match(r"\s*\"?([\w.-]+)\"?\s*=", line):
            lines.setdefault(section + key[1], number)
    return lines


def _rooted(data: dict[str, Any], names: tuple[str, ...], home: Path) -> dict[str, Any]:
    given = [name for name in names if isinstance(data.get(name), str | Path)]
    rooted = {name: home / Path(data[name]).expanduser() for name in given}
    return {**data, **rooted}


def _secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsRefused([f"The secret in {path} cannot be read: {error.strerror}."]) from error
