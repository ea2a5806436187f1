"""What Copier would say at last, for `make new`, which lets it list no files:

python -m tests.next_steps <folder of the project>
"""

import sys
from pathlib import Path

import yaml
from jinja2 import StrictUndefined, Template

from tests.conftest import ROOT


def next_steps(folder: str) -> str:
    """The message after a copy, for the project in a folder."""
    message = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))["_message_after_copy"]
    answers = yaml.safe_load((Path(folder) / ".copier-answers.yml").read_text("utf-8"))
    steps = Template(message, undefined=StrictUndefined)
    return str(steps.render(answers, _copier_conf={"dst_path": folder}))


if __name__ == "__main__":
    print("", next_steps(sys.argv[1]), sep="\n")
