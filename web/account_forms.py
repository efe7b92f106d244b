"""The forms of accounts. A password is never shown again: it is typed anew after a mistake."""

from typing import Any

from wtforms import BooleanField, HiddenField, PasswordField, SelectField

from matcher.accounts import NewAccount
from matcher.passwords import SHORTEST
from matcher.people import MEMBER_ROLES
from web.forms import Form, LineField

_PASSWORD_HELP = f"至少 {SHORTEST} 个字符。几个不相干的词连起来，又长又好记。例（请勿照用）：水杯 蓝色 窗台 第九个"


def _typed(autocomplete: str, **more: Any) -> dict[str, Any]:
    return {"required": True, "autocomplete": autocomplete, **more}


class SignInForm(Form):
    """Login and password; `next` is the address to go on to."""

    login = LineField("登录名", render_kw=_typed("username", autocapitalize="none", spellcheck="false"))
    password = PasswordField("密码", render_kw=_typed("current-password"))
    code = LineField(
        "动态验证码",
        description="只有开启了两步验证的账号需要填写。",
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
    next = HiddenField()


class ForgottenForm(Form):
    """Whose password was forgotten."""

    login = LineField("登录名（电子邮箱）", render_kw=_typed("username", autocapitalize="none", spellcheck="false"))


class ChosenPasswordForm(Form):
    """A new password, typed twice."""

    password = PasswordField("新密码", description=_PASSWORD_HELP, render_kw=_typed("new-password"))
    again = PasswordField("再输一遍新密码", render_kw=_typed("new-password"))

    def is_typed_twice(self) -> bool:
        """Return whether both are the same; if not, the message stands beside the second."""
        if (self.password.data or "") == (self.again.data or ""):
            return True
        self.show({"again": "两次输入的密码不一样，请重新输入两遍"})
        return False


class PasswordForm(ChosenPasswordForm):
    """The present password and a new one."""

    old = PasswordField("现在的密码", render_kw=_typed("current-password"))


class PersonForm(ChosenPasswordForm):
    """Somebody new."""

    login = LineField(
        "登录名",
        description="3 到 64 个字母、汉字、数字或 . _ - @ +，中间不留空格；可以用电子邮箱。",
        render_kw=_typed("username", autocapitalize="none", spellcheck="false"),
    )
    name = LineField("姓名", description="评判、备案和历史里会写上这个名字。例：王敏", render_kw=_typed("name"))

    def new_account(self) -> NewAccount:
        """Return what was typed of the person."""
        return NewAccount(self.login.data or "", self.name.data or "", self.password.data or "")


class SignUpForm(PersonForm):
    """Somebody new who asks to join an organisation."""

    organisation = LineField(
        "单位全称",
        description="与公章一致的全称；已登记的单位会在下拉提示里出现。例：青岚新能源科技有限公司",
        render_kw=_typed("organization"),
    )
    role = SelectField("身份", description="企业发布需求，高校院所发布成果，经纪人评判和撮合。", validate_choice=False)

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.role.choices = [("", "请选择"), *MEMBER_ROLES.items()]


class InvitationForm(Form):
    """What somebody invited will be."""

    role = SelectField("身份", validate_choice=False)
    is_owner = BooleanField("担任单位负责人（可以管理人员、发出邀请）")

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.role.choices = [("", "请选择"), *MEMBER_ROLES.items()]
