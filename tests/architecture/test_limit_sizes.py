"""Nothing grows beyond what a person reads in one sitting."""

from architecture import house

LONGEST_FILE = 800
LONGEST_FUNCTION = 80


def test_no_file_is_longer_than_800_lines() -> None:
    lengths = {house.shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in house.sources()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_80_lines() -> None:
    too_long = {
        f"{house.shown(path)}:{function.name}": length
        for path in house.sources()
        for function in house.functions_of(path)
        if (length := (function.end_lineno or 0) - function.lineno + 1) > LONGEST_FUNCTION
    }
    assert too_long == {}
