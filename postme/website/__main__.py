"""``python -m postme.website migrate`` and Django's other commands, with the site's settings; what is wrong is said in words.

``check_environment`` prints every setting; it must work where the settings do not, so it is done before Django begins.
"""

import os
import sys

from django.core.management import execute_from_command_line

from postme.errors import PostmeError, WrongUse
from postme.website import environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postme.website.settings")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def checked() -> int:
    """Print every setting, its value and what is wrong with it; 0 where nothing is, else 2."""
    wrong = 0
    for one in environment.said():
        value = one.shown or "(empty)"
        _say(f"{one.setting.name} = {value}{'  [default]' if one.default else ''}")
        for fault in one.faults:
            wrong += 1
            _say(f"    WRONG: {fault}")
    _say(f"{wrong} {'setting is' if wrong == 1 else 'settings are'} wrong." if wrong else "All settings are good.")
    return 2 if wrong else 0


def main(arguments: list[str]) -> int:
    """Run a command of the website: its exit status."""
    if arguments == ["check_environment"]:
        return checked()
    try:
        execute_from_command_line(["postme.website", *arguments])
    except PostmeError as error:
        sys.stderr.write(f"postme: {error}\n")
        return 2 if isinstance(error, WrongUse) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
