"""What a domain is called in code, replaced by another name; what the server knows stays as it is."""

import re

from dev.layout import ENDINGS, OTHER_ENDINGS, class_prefix, deployment


class Renaming:
    """The replacement of the name of a domain, in paths and in texts.

    Code has names made of it: modules, two classes, a deployment. Task queue, workflow type, ids
    and HTTP paths are known outside, to workflows that run and to programs that start them: they
    stand in quotes, as what they are, and stay.
    """

    def __init__(self, old: str, new: str, project: str) -> None:
        """Rename `old` to `new`; `project` is what the names of images begin with."""
        self._old, self._new = old, new
        endings = "|".join((*ENDINGS.values(), *OTHER_ENDINGS))
        self._module = rf"\b(test_)?{old}({endings})\b"
        self._class = rf"(?<!['\"\w]){class_prefix(old)}(Workflow|Activities)\b(?!['\"])"
        self._deployment = rf"(?<![\w-])({re.escape(project)}-)?{deployment(old)}(?![\w-])"

    def path(self, path: str) -> str:
        """Where a file is afterwards: elsewhere, if it is the domain's."""
        path = re.sub(self._module, rf"\g<1>{self._new}\g<2>", path)
        path = re.sub(rf"(?<=/){deployment(self._old)}(?=/)", deployment(self._new), path)
        return re.sub(rf"(?<=/histories/){self._old}(?=/)", self._new, path)

    def text(self, text: str) -> str:
        """What a file says afterwards, whoever's it is."""
        text = self._with_type(text)
        text = re.sub(self._module, rf"\g<1>{self._new}\g<2>", text)
        text = re.sub(self._class, rf"{class_prefix(self._new)}\g<1>", text)
        text = re.sub(self._deployment, rf"\g<1>{deployment(self._new)}", text)
        prefixes = [name.removesuffix("worker") for name in map(deployment, (self._old, self._new))]
        text = re.sub(rf"(?m)^namePrefix: {prefixes[0]}$", f"namePrefix: {prefixes[1]}", text)
        return re.sub(rf"\bthe {self._old} domain\b", f"the {self._new} domain", text)

    def _with_type(self, code: str) -> str:
        """The code with the type of the workflow, which so far was the name of its class."""
        workflow = f"{class_prefix(self._old)}Workflow"

        def defined(match: re.Match[str]) -> str:
            arguments = match[1] or ""
            if re.search(r"\bname\s*=", arguments):
                return match[0]
            name = f'name="{workflow}"'
            return f"@workflow.defn({f'{name}, {arguments}' if arguments else name})"

        return re.sub(rf"@workflow\.defn(?:\(([^@]*?)\))?(?=\s+class {workflow}\b)", defined, code)


def belongs_to(domain: str, path: str) -> bool:
    """Whether a file is a domain's, by its name."""
    return Renaming(domain, "", project="").path(path) != path
