"""What the sender wrote, parted from what the mail program quoted below it. Line by line, each looked at once."""

import re

LOOKED_AT = 300  # characters of a line
MOST_LINES = 3_000  # of a longer mail the rest is taken as it is

#: A line that only announces the quoted mail: Outlook, QQ, Foxmail, NetEase, Lotus, in Chinese and English.
_RULE = re.compile(
    r"^[\s>*_]{0,10}[-_=—－]{2,60}\s{0,20}"
    r"(?:原始邮件|原邮件|原始郵件|回复的原邮件|回复的邮件|答复的原邮件|答复原文|原文|Original Message|Original|Original E-?mail|Reply message)"
    r"\s{0,20}[-_=—－]{2,60}",
    re.I,
)
#: "On …, X wrote:" and its Chinese sisters, on one line.
_WROTE = re.compile(
    r"^[\s>*]{0,10}(?:"
    r"On\b.{4,250}\bwrote\s{0,3}[:：]"
    r"|At\b.{4,250}\bwrote\s{0,3}[:：]"
    r"|(?:在|于)?.{0,120}(?:\d{4}\s{0,3}[年/.-]|\d{1,2}:\d{2}).{0,160}(?:写道|寫道|写到|編寫|编写)\s{0,3}[:：]"
    r"|.{1,120}[<＜(].{3,100}@.{3,100}[>＞)].{0,100}(?:写道|寫道|写到|wrote)\s{0,3}[:：]"
    r")\s{0,10}$",
    re.I,
)
_SAYS_WROTE = re.compile(r"wrote|[写寫编編]", re.I)
_BEGINS_WROTE = re.compile(r"^[\s>*]{0,10}(?:On\b|At\b|在|于|20\d\d年).{3,}", re.I)
_ENDS_WROTE = re.compile(r"(?:wrote|写道|寫道|写到)\s{0,3}[:：]\s{0,10}$", re.I)
_FROM = re.compile(r"^[\s>*|]{0,10}(?:发件人|寄件者|寄件人|From)\s{0,5}\*{0,2}\s{0,3}[:：|]", re.I)
_BESIDE_FROM = re.compile(
    r"^[\s>*|]{0,10}(?:发送时间|发送日期|发件日期|傳送時間|日期|时间|收件人|收件者|抄送|副本|主题|主旨|Sent|Date|To|Cc|Subject)"
    r"\s{0,5}\*{0,2}\s{0,3}[:：|]",
    re.I,
)
_FORWARDED = re.compile(
    r"^[\s>*]{0,10}(?:[-_=]{2,60}\s{0,20}(?:转发的?邮件(?:信息)?|转发的原邮件|轉寄郵件|Forwarded (?:message|by))"
    r"|Begin forwarded message|开始转发的邮件|下面是被转发的邮件|下面是转发的邮件)",
    re.I,
)
_MOBILE = re.compile(
    r"^\s{0,10}(?:发自我的.{1,30}|从我的.{1,30}发送|来自我的.{1,30}|发送自.{1,40}|获取\s?Outlook\s?for.{1,20}|Sent from .{1,60}"
    r"|Get Outlook for .{1,20}|Outlook for (?:iOS|Android).{0,20})\s{0,10}$",
    re.I,
)
_SIGNATURE_LINES = 15


def parted(text: str) -> tuple[str, str]:
    """(what was written, what was quoted below or is a signature). Never leaves the first part empty for the second."""
    lines = text.split("\n", MOST_LINES)
    cut = _cut_at(lines, _last_own(lines))
    own, rest = lines[:cut], lines[cut:]
    own, signature = _without_signature(own)
    written = "\n".join(own).strip()
    if not written:
        return text.strip(), ""
    return written, "\n".join([*signature, *rest]).strip()


def _last_own(lines: list[str]) -> int:
    """The last line that is no quotation, no signature and nothing a telephone adds; -1 where there is none."""
    last = -1
    for index, line in enumerate(lines):
        if line.rstrip() == "--" and index > last + 1:
            break
        if line.strip() and not line.lstrip().startswith(">") and not _MOBILE.match(line[:LOOKED_AT]):
            last = index
    return last


def _cut_at(lines: list[str], last_own: int) -> int:
    for index, whole in enumerate(lines):
        line = whole[:LOOKED_AT]
        if _FORWARDED.match(line):
            return len(lines)  # what somebody passes on is what he has to say
        if _RULE.match(line) or _is_header_block(lines, index):
            return _with_rule_above(lines, index)
        if (length := _wrote(lines, index)) and not _is_answered_below(lines, index + length, last_own):
            return index
        if line.lstrip().startswith(">") and index > last_own:
            return index
    return len(lines)


def _wrote(lines: list[str], index: int) -> int:
    """How many lines an "X wrote:" takes; mail programs break it after 70 characters."""
    line = lines[index][:LOOKED_AT]
    if _SAYS_WROTE.search(line) and _WROTE.match(line):
        return 1
    if not any(_SAYS_WROTE.search(one[:LOOKED_AT]) for one in lines[index + 1 : index + 3]):
        return 0
    if not _BEGINS_WROTE.match(line):
        return 0
    joined = line.strip()
    for length in (2, 3):
        if index + length > len(lines):
            return 0
        following = lines[index + length - 1][:LOOKED_AT].strip()
        joined = f"{joined} {following}"
        if _ENDS_WROTE.search(following):
            return length if _WROTE.match(joined[: 2 * LOOKED_AT]) else 0
    return 0


def _is_answered_below(lines: list[str], start: int, last_own: int) -> bool:
    """Quoted with ``>`` and written on below: the answer stands between or after the lines quoted."""
    first = next((line for line in lines[start : start + 5] if line.strip()), "")
    return first.lstrip().startswith(">") and last_own >= start


def _is_header_block(lines: list[str], index: int) -> bool:
    """From, Sent, To, Subject below each other: how Outlook and Foxmail begin a quotation."""
    if not _FROM.match(lines[index][:LOOKED_AT]):
        return False
    following = [line[:LOOKED_AT] for line in lines[index + 1 : index + 12] if line.strip()][:6]
    return sum(1 for line in following if _BESIDE_FROM.match(line)) >= 2


def _with_rule_above(lines: list[str], index: int) -> int:
    """The line of underscores or dashes above belongs to the quotation."""
    above = index - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    line = lines[above].strip()[:LOOKED_AT] if above >= 0 else ""
    is_rule = len(line) >= 5 and not line.strip("_-—=* ")
    is_title = line.startswith("---") and line.endswith("---")
    return above if is_rule or is_title else index


def _without_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """After ``-- `` (RFC 3676), and what a telephone adds by itself."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    for index in range(max(len(lines) - _SIGNATURE_LINES, 0), len(lines)):
        if lines[index].rstrip("\n") in ("-- ", "--") and index > 0:
            return lines[:index], lines[index:]
    tail: list[str] = []
    while len(lines) > 1 and (not lines[-1].strip() or _MOBILE.match(lines[-1][:LOOKED_AT])):
        tail.insert(0, lines[-1])
        lines = lines[:-1]
    return lines, [line for line in tail if line.strip()]
