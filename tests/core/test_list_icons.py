import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "onepoint"
IN_TEMPLATES = re.compile(r'{%\s*icon\s+"([a-z0-9-]+)"')
IN_NAVIGATION = re.compile(r'NavItem\(\s*"\w+",\s*\d+,\s*[^,]+,\s*"[\w-]+",\s*"([a-z0-9-]+)"')


def listed():
    lines = (ROOT / "frontend" / "src" / "icons.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_every_icon_a_page_uses_is_in_the_sprite():
    used = {}
    for path in PACKAGE.rglob("*"):
        if path.suffix in (".html", ".py") and "static_build" not in path.parts:
            text = path.read_text()
            for name in [*IN_TEMPLATES.findall(text), *IN_NAVIGATION.findall(text)]:
                used[name] = path.name
    assert len(used) > 10
    assert {name: where for name, where in used.items() if name not in listed()} == {}


def test_the_list_is_sorted_and_names_each_icon_once():
    assert listed() == sorted(set(listed()))
