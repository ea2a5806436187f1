"""A new project after an interview (`make new`), which ends with what Copier would say at last.

python -m tests.new <template> <folder of the project>
"""

import sys
from pathlib import Path

import yaml
from copier import run_copy
from copier.errors import CopierError
from jinja2 import StrictUndefined, Template
from plumbum import ProcessExecutionError

from tests.conftest import ROOT

NO_TERMINAL = """\
The interview needs a terminal. Without one, answer from a file:

    {copier} copy --defaults --vcs-ref HEAD --data-file answers.yml {source} {folder}

docs/how-to/answer-from-a-file.md says what it holds."""


def message(when: str) -> str:
    """What Copier would say, `before` or `after` a copy, if it were not quiet."""
    settings = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))
    return str(settings[f"_message_{when}_copy"])


def next_steps(folder: str) -> str:
    """The message after a copy, for the project in a folder."""
    answers = yaml.safe_load((Path(folder) / ".copier-answers.yml").read_text("utf-8"))
    steps = Template(message("after"), undefined=StrictUndefined)
    return str(steps.render(answers, _copier_conf={"dst_path": folder}))


def main(source: str, folder: str) -> None:
    """Ask, and make the project; exits with what is in the way."""
    if not sys.stdin.isatty():
        copier = Path(sys.executable).with_name("copier")
        raise SystemExit(NO_TERMINAL.format(copier=copier, source=source, folder=folder))
    print(message("before"), flush=True)
    try:
        run_copy(source, folder, vcs_ref="HEAD", quiet=True)
    except KeyboardInterrupt:
        raise SystemExit("\nStopped: nothing was made.") from None
    except ProcessExecutionError as error:
        raise SystemExit(f"SOURCE is no template that git can clone:\n{error.stderr}") from None
    except (ValueError, CopierError) as error:
        raise SystemExit(f"SOURCE is {source}: {error}") from None
    print("", next_steps(folder), sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
