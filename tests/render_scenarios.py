"""Renders every scenario where the suite does not run: `python -m tests.render_scenarios`, also on Windows."""

import sys
import tempfile
from pathlib import Path

from copier import run_copy

from tests.scenarios import SCENARIOS

ROOT = Path(__file__).parent.parent


def listing(folder: Path) -> list[str]:
    """The files below a folder, as the golden lists have them."""
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def main() -> int:
    """Compare what is rendered with the golden lists; 1 if something differs."""
    differing = 0
    for name, answers in SCENARIOS.items():
        with tempfile.TemporaryDirectory() as folder:
            run_copy(
                str(ROOT),
                folder,
                data=answers,
                defaults=True,
                quiet=True,
                unsafe=False,
                vcs_ref="HEAD",
            )
            golden = (ROOT / "tests" / "golden" / f"{name}.txt").read_text("utf-8").split()
            odd = sorted(set(listing(Path(folder))) ^ set(golden))
        print(f"{name}: {', '.join(odd) or 'as it should be'}", flush=True)
        differing += bool(odd)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
