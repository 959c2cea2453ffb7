"""What a column of a file may mean, and guessing it from the column heads people use."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onepoint.core.search_keys import squeeze


@dataclass(frozen=True)
class Field:
    """One thing a column may hold; ``heads`` are names it goes by, squeezed; ``group`` its kind of personal data."""

    key: str
    label: str | Promise
    heads: tuple[str, ...]
    group: str = ""


def _field(key: str, label: str | Promise, heads: str, group: str = "") -> Field:
    return Field(key, label, tuple(squeeze(head) for head in heads.split("|")), group)


FIELDS = (
    _field("number", _("Customer number (ours)"), "客户号|我方客户号|customer no ours"),
    _field("external_number", _("Number at the source"), "客户编号|客户编码|客户代码|客户id|编号|序号|id|customer id|customer number|external id|code"),
    _field("name", _("Name"), "姓名|客户姓名|客户名称|名称|单位名称|公司名称|企业名称|用户名称|户名|name|customer|customer name|company|company name"),
    _field("name_en", _("English name"), "英文名|英文名称|英文姓名|english name|name en"),
    _field("kind", _("Kind"), "类型|客户类型|客户类别|客户性质|kind|type|customer type"),
    _field("id_number", _("ID number"), "身份证|身份证号|身份证号码|证件号|证件号码|统一社会信用代码|信用代码|税号|id number|id card|tax number", "identity"),
    _field("level", _("Level"), "级别|等级|客户级别|客户等级|星级|level|class|grade"),
    _field("region", _("Region"), "地区|区域|所属区域|所属地区|区县|县市|城市|地市|归属地|region|city|district"),
    _field("unit", _("Owner unit"), "单位|所属单位|归属单位|管理单位|机构|owner unit|unit|branch"),
    _field("address", _("Address"), "地址|联系地址|通信地址|通讯地址|住址|address", "address"),
    _field("mobile", _("Mobile number"), "手机|手机号|手机号码|移动电话|电话|联系电话|电话号码|mobile|mobile number|phone|telephone|cell", "phone"),
    _field("landline", _("Landline number"), "固话|固定电话|座机|办公电话|landline|office phone", "phone"),
    _field("broadband", _("Broadband account"), "宽带|宽带账号|宽带帐号|broadband|broadband account", "phone"),
    _field("account", _("Account number"), "账号|帐号|账户|合同账号|account|account number", "phone"),
    _field("email", _("E-mail address"), "邮箱|电子邮箱|电子邮件|email|e-mail|mail", "phone"),
    _field("preferred_channel", _("Preferred way to reply"), "回复方式|答复方式|preferred channel|reply by"),
    _field("language", _("Language"), "语言|language"),
    _field("consent_to_contact", _("Agrees to be contacted"), "同意联系|可联系|consent"),
    _field("note", _("Note"), "备注|说明|note|remark|comment"),
    _field("asset_product", _("Product or machine"), "产品|产品名称|设备|设备名称|机床|product|machine|equipment"),
    _field("asset_model", _("Model"), "型号|规格型号|设备型号|产品型号|model"),
    _field("asset_serial", _("Serial number"), "序列号|设备编号|出厂编号|机号|sn|serial|serial number"),
    _field("asset_installed", _("Installed on"), "安装日期|装机日期|开通日期|installed|installed on|install date"),
    _field("asset_warranty", _("Warranty until"), "保修期至|保修到期|质保到期|质保期至|保修截止|warranty|warranty until"),
    _field("asset_contract", _("Contract number"), "合同|合同号|合同编号|contract|contract number"),
    _field("person_name", _("Contact person"), "联系人|联系人姓名|经办人|contact|contact person|contact name"),
    _field("person_relation", _("Relation of the contact person"), "联系人职务|职务|关系|relation|position|job title"),
    _field("person_phone", _("Telephone of the contact person"), "联系人电话|联系人手机|经办人电话|contact phone|contact mobile", "phone"),
    _field("person_email", _("E-mail of the contact person"), "联系人邮箱|contact email", "phone"),
)  # fmt: skip
BY_KEY = {field.key: field for field in FIELDS}


def guess_columns(heads: Iterable[str]) -> dict[str, str]:
    """Field → column head, for the heads that go by a known name; then for those that contain one."""
    left = {head: squeeze(head) for head in heads}
    found: dict[str, str] = {}
    for fits in (lambda own, known: own == known, lambda own, known: len(known) > 1 and known in own):
        for field in FIELDS:
            if field.key in found:
                continue
            for known in field.heads:
                head = next((head for head, own in left.items() if fits(own, known)), None)
                if head is not None:
                    found[field.key] = head
                    del left[head]
                    break
    return found
