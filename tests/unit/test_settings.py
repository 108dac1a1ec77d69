"""Settings come from the environment over the file over defaults, and what is wrong is said all at once."""

import os
import stat

import pytest
from pydantic import ValidationError

from casework.settings import MailSettings, Settings, SettingsRefused, is_loopback


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def write(home):
    def write_file(words):
        home.mkdir(exist_ok=True)
        (home / "sgo.toml").write_text(words, encoding="utf-8")

    return write_file


def load(home, **env):
    return Settings.load({"SGO_HOME": str(home), **env})


def problems(home, **env):
    with pytest.raises(SettingsRefused) as refused:
        load(home, **env)
    return list(refused.value.problems)


# -- sources ----------------------------------------------------------------------------------------------


def test_without_any_setting_everything_stays_on_this_machine(home):
    settings = load(home)

    assert settings.database_url == f"sqlite:///{home / 'sgo.db'}"
    assert settings.mail.channel == "file"
    assert settings.mail.folder == home / "mail"
    assert settings.link_base is None
    assert settings.system_name == "SGO pathway"
    assert (settings.prefect.host, settings.prefect.port) == ("127.0.0.1", 4200)
    assert settings.cli_decisions is False


def test_the_environment_stands_over_the_file_and_the_file_over_the_default(home, write):
    write('system_name = "Pathway"\nlog_level = "error"\n[prefect]\nport = 4300\nui = true\n')

    settings = load(home, SGO_LOG_LEVEL="debug", SGO_PREFECT_PORT="4400")

    assert settings.system_name == "Pathway"
    assert settings.log_level == "DEBUG"
    assert settings.prefect.port == 4400
    assert settings.prefect.ui is True


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"SGO_HOME": "/srv/sgo"}, "/srv/sgo"),
        ({"XDG_DATA_HOME": "/data", "HOME": "/home/mo"}, "/data/sgo-pathway"),
        ({"HOME": "/home/mo"}, "/home/mo/.local/share/sgo-pathway"),
    ],
)
def test_the_home_folder_is_where_a_person_would_look(env, expected):
    assert str(Settings.load(env).home) == expected


@pytest.mark.parametrize(
    "url",
    [
        "postgres://sgo@db.example/sgo",
        "postgresql://sgo@db.example/sgo",
        "postgresql+psycopg://sgo@db.example/sgo",
    ],
)
def test_an_address_of_postgresql_means_our_driver(home, url):
    assert load(home, DATABASE_URL=url).database_url == "postgresql+psycopg://sgo@db.example/sgo"


def test_a_path_that_does_not_start_at_the_root_is_in_the_home_folder(home, write):
    write('[mail]\nfolder = "out"\nca_file = "/etc/ca.pem"\n')

    assert load(home).mail.folder == home / "out"
    assert str(load(home).mail.ca_file) == "/etc/ca.pem"
    assert Settings(home=home, mail=MailSettings()).mail.folder == home / "mail"


def test_decisions_by_command_line_are_switched_on_in_words(home):
    assert load(home, SGO_CLI_DECISIONS="on").cli_decisions is True


# -- refusals ---------------------------------------------------------------------------------------------


def test_an_unknown_key_is_refused_with_its_line(home, write):
    write('# our settings\nsystem_name = "x"\ncolour = "red"\n\n[mail]\nprot = 25\n')

    assert problems(home) == [
        "sgo.toml line 3: there is no setting colour",
        "sgo.toml line 6: there is no setting mail.prot",
    ]


def test_an_unknown_variable_of_a_section_is_refused_by_name(home):
    assert problems(home, SGO_MAIL_PROT="25") == ["SGO_MAIL_PROT: there is no such setting"]


def test_a_variable_of_somebody_else_is_not_our_business(home):
    assert load(home, SGO_PERSON="mo", PATH="/usr/bin", SGO_TEST_POSTGRES_URL="x").home == home


def test_everything_that_is_wrong_is_said_at_once(home, write):
    write('log_level = "loud"\n[prefect]\nport = 99999\n[mail]\nchannel = "smtp"\n')

    found = problems(home, DATABASE_URL="mysql://x", SGO_LINK_BASE="here")

    assert [problem.split(":")[0] for problem in found] == [
        "DATABASE_URL",
        "SGO_LINK_BASE",
        "sgo.toml line 1",
        "sgo.toml line 4",
        "sgo.toml line 3",
    ]


def test_a_file_that_is_not_toml_is_refused_with_its_line(home, write):
    write("system_name = \n")

    assert "line 1" in problems(home)[0]


def test_a_section_is_not_a_value(home, write):
    write('mail = "smtp"\n')

    assert problems(home) == ["sgo.toml line 1: [mail] is a section, not a value"]


# -- secrets ----------------------------------------------------------------------------------------------


def test_a_secret_in_the_settings_is_refused(home, write):
    write('[mail]\npassword = "Canary"\n')

    found = problems(home, SGO_DATABASE_PASSWORD="Canary")

    assert len(found) == 2
    assert "mail.password_file" in found[0]
    assert "database_password_file" in found[1]
    assert "Canary" not in str(found)


def test_secrets_are_read_from_files_when_they_are_needed(home, write):
    write('[mail]\nuser = "sgo"\npassword_file = "mail.secret"\n')
    (home / "mail.secret").write_text("Wren field\n")
    (home / "db.secret").write_text("p@ss/word\n")

    settings = load(
        home, DATABASE_URL="postgresql://sgo@db.example/sgo", SGO_DATABASE_PASSWORD_FILE="db.secret"
    )

    assert settings.mail.password() == "Wren field"
    assert settings.database_address == "postgresql+psycopg://sgo:p%40ss%2Fword@db.example/sgo"


def test_a_secret_that_cannot_be_read_is_said(home):
    settings = load(home, SGO_MAIL_USER="sgo", SGO_MAIL_PASSWORD_FILE="nowhere")

    with pytest.raises(SettingsRefused, match="nowhere"):
        settings.mail.password()


def test_showing_the_settings_shows_no_password(home):
    settings = load(home, DATABASE_URL="postgresql://sgo:Canary@db.example/sgo")

    assert "Canary" not in repr(settings)


def test_an_unreadable_address_is_not_quoted(home):
    assert "Canary" not in str(problems(home, DATABASE_URL="postgresql://sgo:Canary@db.example:port/sgo"))


# -- mail -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["mail.council.example", "10.0.0.1", "localhost.example"])
def test_mail_never_leaves_the_machine_unencrypted(home, host):
    assert (
        "only encrypted"
        in problems(home, SGO_MAIL_CHANNEL="smtp", SGO_MAIL_HOST=host, SGO_MAIL_TLS="none")[0]
    )


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "127.8.8.8"])
def test_mail_within_the_machine_may_be_plain(home, host):
    settings = load(home, SGO_MAIL_CHANNEL="smtp", SGO_MAIL_HOST=host, SGO_MAIL_TLS="none")

    assert settings.mail.host == host
    assert is_loopback(host)


@pytest.mark.parametrize(
    "env",
    [
        {"SGO_MAIL_CHANNEL": "smtp"},
        {"SGO_MAIL_USER": "sgo"},
        {"SGO_MAIL_PASSWORD_FILE": "secret"},
        {"SGO_MAIL_FROM_ADDRESS": "nobody"},
        {"SGO_MAIL_FROM_ADDRESS": "a@b.example\nBcc: x@y.example"},
        {"SGO_MAIL_CHANNEL": "pigeon"},
    ],
)
def test_mail_settings_that_could_not_work_are_refused(home, env):
    assert len(problems(home, **env)) == 1


# -- GOV.UK Notify ----------------------------------------------------------------------------------------

TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"
KEY = "sgo-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0"


def test_notify_is_switched_on_with_a_template_and_a_key_in_a_file(home, write):
    write(f'[mail]\nchannel = "notify"\n[notify]\ntemplate = "{TEMPLATE}"\napi_key_file = "notify.key"\n')
    (home / "notify.key").write_text(f"{KEY}\n")

    settings = load(home)

    assert settings.notify.key() == KEY
    assert settings.notify.address == "https://api.notifications.service.gov.uk"
    assert not settings.mail.attaches


def test_the_key_may_come_from_the_environment_and_is_not_shown(home):
    settings = load(home, SGO_MAIL_CHANNEL="notify", SGO_NOTIFY_TEMPLATE=TEMPLATE, SGO_NOTIFY_API_KEY=KEY)

    assert settings.notify.key() == KEY
    assert KEY[-36:] not in repr(settings)


def test_notify_without_what_it_needs_is_refused_with_all_of_it(home, write):
    write('[mail]\nchannel = "notify"\n')

    (problem,) = problems(home)

    assert problem.startswith("mail.channel is notify")
    assert "notify.template" in problem
    assert "notify.api_key_file" in problem
    assert "SGO_NOTIFY_API_KEY" in problem


def test_a_key_in_the_settings_file_is_refused(home, write):
    write(f'[notify]\napi_key = "{KEY}"\n')

    (problem,) = problems(home)

    assert "notify.api_key_file" in problem
    assert KEY not in problem


@pytest.mark.parametrize("key", ["", "Canary", KEY[:-1], f"{KEY[:-36]}Canary"])
def test_what_is_no_key_is_said_and_not_quoted(home, key):
    settings = load(home, SGO_MAIL_CHANNEL="notify", SGO_NOTIFY_TEMPLATE=TEMPLATE, SGO_NOTIFY_API_KEY=key)

    with pytest.raises(SettingsRefused, match="SGO_NOTIFY_API_KEY is no API key") as refused:
        settings.notify.key()

    assert "Canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SGO_NOTIFY_TEMPLATE", "the reminder one", "not an id as GOV.UK Notify shows it"),
        ("SGO_NOTIFY_REPLY_TO", "me@council.example", "not an id as GOV.UK Notify shows it"),
        ("SGO_NOTIFY_ADDRESS", "http://api.council.example", "only encrypted"),
        ("SGO_NOTIFY_ADDRESS", "https://api.council.example/v2", "not an address such as"),
        ("SGO_NOTIFY_ADDRESS", "https://me:secret@api.council.example", "not an address such as"),
    ],
)
def test_notify_settings_that_could_not_work_are_refused(home, name, value, words):
    (problem,) = problems(home, **{name: value})

    assert problem.startswith(f"{name}: ")
    assert words in problem
    assert "secret" not in problem


def test_a_callbacks_token_is_long_and_in_a_file(home, write):
    write('[notify]\ncallback_token_file = "notify.token"\n')
    (home / "notify.token").write_text("short")

    with pytest.raises(SettingsRefused, match="needs 20 characters"):
        load(home).notify.callback_token()


def test_two_keys_are_one_too_many(home, write):
    write(f'[mail]\nchannel = "notify"\n[notify]\ntemplate = "{TEMPLATE}"\napi_key_file = "notify.key"\n')

    assert "keep one of them" in problems(home, SGO_NOTIFY_API_KEY=KEY)[0]


# -- the home folder --------------------------------------------------------------------------------------


def test_the_home_folder_and_all_in_it_are_for_their_owner_only(home):
    before = os.umask(0o022)
    try:
        home.mkdir(mode=0o755)
        load(home).prepare_home()
        (home / "new").touch()
    finally:
        os.umask(before)

    assert stat.filemode(home.stat().st_mode) == "drwx------"
    assert stat.filemode((home / "new").stat().st_mode) == "-rw-------"


def test_a_home_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(SettingsRefused, match="cannot be used"):
        load(tmp_path / "file" / "home").prepare_home()


def test_settings_do_not_change_while_a_process_runs(home):
    with pytest.raises(ValidationError):
        load(home).log_level = "DEBUG"
