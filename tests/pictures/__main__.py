"""Makes the pictures of `docs/pictures` anew (`make pictures`)."""

import argparse
import io
import shutil
from collections.abc import Callable

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.conftest import ROOT
from tests.pictures import checklist, dashboards, interview, load, temporal
from tests.pictures.project import project, template
from tests.pictures.sources import FOLDER, PICTURES, digest

# The dashboards come last: they leave programs in the project.
PARTS: dict[str, tuple[Callable[[], dict[str, bytes]], tuple[str, ...]]] = {
    "interview": (lambda: interview.draw(template()), ("bash",)),
    "checklist": (lambda: checklist.draw(project()), ("bash",)),
    "temporal": (lambda: temporal.draw(project()), ("chromium",)),
    "load": (lambda: load.draw(project()), ()),
    "dashboards": (lambda: dashboards.draw(project()), ("prometheus",)),
}


def signed(name: str, content: bytes) -> bytes:
    """A picture that tells what it shows."""
    shows = digest(name, ROOT)
    if name.endswith(".svg"):
        head, end, tail = content.rpartition(b"</svg>")
        return b"%s<!-- %s -->%s%s" % (head, shows.encode(), end, tail.rstrip() + b"\n")
    text, small = PngInfo(), io.BytesIO()
    text.add_text("Comment", shows)
    image = Image.open(io.BytesIO(content)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    image.save(small, "PNG", optimize=True, pnginfo=text)
    return small.getvalue()


def main() -> None:
    """Make what the command line asks for."""
    parser = argparse.ArgumentParser(prog="make pictures", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="one of them; all by default")
    given = parser.parse_args().part
    parts = [given] if given else list(PARTS)
    for program in {program for part in parts for program in PARTS[part][1]}:
        if not shutil.which(program):
            raise SystemExit(f"{program} is missing: on Debian, apt-get install {program}")
    for part in parts:
        print(f"{part} ...", flush=True)
        made = PARTS[part][0]()
        assert set(made) == {name for name, picture in PICTURES.items() if picture.part == part}
        for name, content in made.items():
            file = ROOT / FOLDER / name
            file.write_bytes(signed(name, content))
            print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1024} KiB", flush=True)


if __name__ == "__main__":
    main()
