"""What may be wrong with a FEEL text or its evaluation; plain exceptions, because this package knows no Django."""


class FeelError(Exception):
    """Base of everything this package raises on purpose."""


class FeelSyntaxError(FeelError):
    """The text is not FEEL; `position` is the character offset, `line` and `column` count from 1."""

    def __init__(self, reason: str, text: str = "", position: int = 0) -> None:
        self.reason = reason
        self.position = position
        self.line = text.count("\n", 0, position) + 1
        self.column = position - (text.rfind("\n", 0, position) + 1) + 1
        super().__init__(f"{reason} (line {self.line}, column {self.column})")


class FeelPunctuationError(FeelSyntaxError):
    """A full-width character as Chinese keyboards give it stands where only `plain` will do."""

    def __init__(self, char: str, plain: str, text: str, position: int) -> None:
        self.char = char
        self.plain = plain
        super().__init__(f"full-width {char}: write {plain}", text, position)


class FeelUnsupportedError(FeelSyntaxError):
    """The text is FEEL but uses something this compiler does not offer; `name` says what."""

    def __init__(self, name: str, text: str = "", position: int = 0) -> None:
        self.name = name
        super().__init__(f"unsupported: {name}", text, position)


class FeelLimitError(FeelError):
    """An evaluation took more steps, depth or space than an expression may take."""
