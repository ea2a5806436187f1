"""The dashboards that the projects ship are those that `make dashboards` writes."""

from tests.dashboards import FOLDER, dashboards


def test_the_files_are_what_the_builders_make() -> None:
    shipped = {file: file.read_text("utf-8") for file in FOLDER.iterdir()}

    assert shipped == dashboards(), "run `make dashboards`"
