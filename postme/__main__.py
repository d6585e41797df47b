"""``python -m postme`` is ``postme``."""

from postme.commands import main

if __name__ == "__main__":
    main(prog_name="postme")
