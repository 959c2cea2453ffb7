"""Personal numbers shown in part, where the whole is not needed to recognise somebody."""


def mask_id_number(text: str) -> str:
    """``"330106198001011234"`` → ``"330***********1234"``; short ones keep only their last character."""
    if len(text) < 9:
        return "*" * max(len(text) - 1, 0) + text[-1:]
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"
