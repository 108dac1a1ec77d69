"""The channel that the settings name, and what keeps it from working."""

from __future__ import annotations

import ssl

from casework.settings import Settings, SettingsRefused
from notifications.channels import Channel, FileChannel, SmtpChannel


def channel_of(settings: Settings) -> Channel:
    """The channel the settings name. Raises SettingsRefused where a secret cannot be read or is none."""
    mail = settings.mail
    if mail.channel == "file":
        return FileChannel(mail.folder)
    if mail.channel == "notify":
        # the client takes half a second to import, and most installations send by SMTP
        from notifications.notify import NotifyChannel

        return NotifyChannel(
            key=settings.notify.key(),
            template_id=settings.notify.template or "",
            address=settings.notify.address,
            reply_to_id=settings.notify.reply_to,
            timeout_seconds=mail.timeout_seconds,
        )
    return SmtpChannel(
        host=mail.host or "",
        port=mail.port,
        tls=mail.tls,
        context=ssl.create_default_context(cafile=mail.ca_file),
        user=mail.user,
        password=mail.password(),
        timeout_seconds=mail.timeout_seconds,
    )


def problems_of_settings(settings: Settings) -> list[str]:
    """What is wrong with the channel's settings as far as this machine can see; nobody is asked."""
    try:
        channel_of(settings)
    except SettingsRefused as refused:
        return list(refused.problems)
    except OSError as error:  # the certificates of mail.ca_file
        return [f"mail.ca_file cannot be used: {error.strerror or type(error).__name__}."]
    return []


def problems_when_asked(settings: Settings) -> list[str]:
    """What keeps the channel from taking mail, each in a sentence. The server is asked; nothing is sent."""
    return problems_of_settings(settings) or channel_of(settings).problems()
