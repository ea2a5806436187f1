"""What `make docs` adds to ProperDocs: docs/index.md is the navigation, and links may lead out of docs/."""

import posixpath
import re
from pathlib import Path
from typing import Any

from properdocs.config.defaults import ProperDocsConfig
from properdocs.structure.files import Files
from properdocs.structure.pages import Page

OUTSIDE = re.compile(r"\]\(((?:\.\./)+)(?!https?:)([^)]+)\)")
LINK = re.compile(r"^(#+) (.+)|\[([^]]+)\]\((?!\.\./|https?:)([^)#]+\.md)", re.MULTILINE)


def on_config(config: ProperDocsConfig) -> ProperDocsConfig:
    """Take the navigation from the index; a page that is missing there is an error of the build."""
    docs = Path(config.docs_dir)
    nav = entries(docs / "index.md", "")
    decisions = entries(docs / "explanation/architecture.md", "explanation/")
    explanation = next(iter(part["Explanation"] for part in nav if "Explanation" in part))
    explanation += [part for part in decisions if "Decisions" in part]
    config.nav = [{"Home": "index.md"}, *nav]
    return config


def entries(file: Path, folder: str) -> list[dict[str, Any]]:
    """The pages that a page names, by its headings of second and third order."""
    parts: list[dict[str, Any]] = []
    section: list[dict[str, Any]] = []
    chapter: list[dict[str, Any]] = []
    for marks, heading, text, target in LINK.findall(file.read_text("utf-8")):
        if marks == "##":
            section = chapter = []
            parts.append({heading: section})
        elif marks == "###":
            chapter = []
            section.append({heading: chapter})
        elif target:
            chapter.append({text: folder + target})
    return parts


def on_page_markdown(markdown: str, page: Page, config: ProperDocsConfig, files: Files) -> str:
    """Mark links to files of the repository that are no pages."""
    here = posixpath.dirname(f"docs/{page.file.src_uri}")

    def mark(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(here, link[1] + link[2]))
        return link[0] if target.startswith("docs/") else f"](repository:{target})"

    return OUTSIDE.sub(mark, markdown)


def on_page_content(html: str, page: Page, config: ProperDocsConfig, files: Files) -> str:
    """Let those links lead to the forge, or into this folder where it is not known."""
    up = "../" * (page.file.dest_uri.count("/") + 2)
    forge = f"{config.repo_url.rstrip('/')}/blob/HEAD/" if config.repo_url else up
    return html.replace('href="repository:', f'href="{forge}')
