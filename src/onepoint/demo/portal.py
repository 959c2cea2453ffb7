"""The portal of the demo: short messages go into a folder, so that its codes can be read; one step has words of its own."""

from onepoint.channels import queries as channel_queries
from onepoint.channels import services as channels
from onepoint.portal import services as portal
from onepoint.portal.queries import wordings
from onepoint.portal.services import WordingItems

GATEWAY = "演示短信（写入文件夹）"
GATEWAY_EN = "Demo gateway of text messages"


def build_portal() -> None:
    """A gateway for codes where the house has none for SMS, and the words for one step; run again it changes nothing."""
    if not any(gateway.medium == "sms" for gateway in channel_queries.gateways()):
        channels.create_gateway(
            provider="folder", name=GATEWAY, name_en=GATEWAY_EN, settings={"folder": "sms"}, by=None
        )
    if not wordings().exists():
        words = WordingItems(
            "我们正在核对您提交的信息。", "We are checking what you told us.", process_key="complaint", node_id="correct",
        )  # fmt: skip
        portal.write_wording(words, by=None)
        portal.change_rules(is_open=True, reopen_days=15, remind_hours=4, hotline="10088", by=None)
