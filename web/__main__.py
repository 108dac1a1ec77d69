"""`python -m web`: the pages of an installation, as `sgo up` starts them."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

from casework.errors import CaseworkError
from casework.loading import loading
from casework.settings import Settings


def main() -> int:
    """Answer browsers until told to end."""
    with loading():
        from casework.units import open_office
        from web.serve import serve
    try:
        settings = Settings.load(os.environ)
        with open_office(settings) as office:
            serve(
                office,
                host=settings.web.host,
                port=settings.web.port,
                now=lambda: datetime.now(UTC),
                sign_in_as=settings.web.sign_in_as,
            )
    except CaseworkError as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is no page to say it on
        return 1
    except OSError as error:
        print(f"The pages cannot listen: {error.strerror or error}.", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
