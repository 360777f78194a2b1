# ruff: noqa: RUF001 - Chinese has its own commas and colons
"""This file knows the pages around a log-in: plain, in two languages, nothing from elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType

__all__ = ["LOGIN_SCRIPT", "SAID", "Said", "login_page", "said_page", "signed_in_page"]

_HEAD = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width">{more}<title>Recourse</title>
<style>body{{font:16px/1.5 system-ui;max-width:22rem;margin:3rem auto;padding:0 1rem}}
label{{display:block;margin:.8rem 0}}
input{{width:100%;box-sizing:border-box;font:inherit;padding:.4rem}}
button,.button{{font:inherit;padding:.4rem 1rem}}
.button{{display:inline-block;border:1px solid;border-radius:.2rem;color:inherit;
text-decoration:none}}</style><h1>Recourse</h1>
"""
_PROVIDER = """<p><a class="button" href="/login/oidc">Sign in with {name} · 用 {name} 登录</a></p>
"""
_INSIDE = """<p>Logged in on this device · 本设备已登录</p>
<p><button id="leave">Log out · 退出登录</button></p>
"""
_FORMS = """<form id="account"><h2>Console · 控制台</h2>
{provider}<label>Name · 用户名<input name="account" autocomplete="username" required></label>
<label>Password · 密码<input name="password" type="password" autocomplete="current-password"
required></label><button>Log in · 登录</button></form>
<form id="courier"><h2>Courier · 骑手</h2>
<label>Number · 编号<input name="courier_id" required></label>
<label>Code · 验证码<input name="code" inputmode="numeric" pattern="[0-9]{{8}}" required></label>
<button>Log in · 登录</button></form><p id="said" role="alert"></p>
<script src="/login.js"></script></html>"""
LOGIN_SCRIPT = """const open = (form, path, next) =>
  form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const said = document.getElementById('said');
  const answer = await fetch(path, {
    method: 'POST', headers: {'content-type': 'application/json'},
    body: JSON.stringify(Object.fromEntries(new FormData(form)))
  });
  if (answer.ok) location.assign(next);
  else said.textContent = (await answer.json()).detail;
});
document.getElementById('leave')?.addEventListener('click', async () => {
  await fetch('/v1/sessions/current', {method: 'DELETE'});
  location.assign('/login');
});
open(document.getElementById('account'), '/v1/sessions', '/');
open(document.getElementById('courier'), '/v1/courier_sessions', '/courier');
"""
# A page and not a redirect: a browser that was sent here by the provider sends no strict cookie to
# wherever we send it next, but does to where our own page leads.
_ON = '<meta http-equiv="refresh" content="0;url=/">'


@dataclass(frozen=True, slots=True)
class Said:
    """What a page says when nobody was signed in, and the way out.

    Attributes
    ----------
    status : int
        HTTP status.
    en, zh : str
        With ``{name}`` for the provider.
    """

    status: int
    en: str
    zh: str


SAID: Mapping[str, Said] = MappingProxyType(
    {
        "begun_elsewhere": Said(
            400,
            "This sign-in was not begun in this browser, was used before, or took more than ten "
            "minutes. Begin it again.",
            "此次登录不是在本浏览器中发起的、已被使用过，或已超过十分钟。请重新登录。",
        ),
        "declined": Said(
            403,
            "{name} did not sign you in. Begin again, or ask whoever looks after {name}.",
            "{name} 没有让你登录。请重试，或联系 {name} 的管理员。",
        ),
        "unproven": Said(
            401,
            "What {name} said of you does not hold, so nobody was signed in. Begin again; if it "
            "happens again, whoever runs this platform finds the reason in its log.",
            "{name} 返回的身份信息无法通过验证，因此没有登录。请重试；"
            "若再次出现，平台管理员可在日志中查到原因。",
        ),
        "nobody_here": Said(
            403,
            "{name} knows you, but nobody has given you a role here. Ask whoever runs this "
            "platform to map one of your groups to a role.",
            "{name} 认识你，但这里还没有人给你分配角色。"
            "请平台管理员把你的某个用户组对应到一个角色。",
        ),
        "account_is_off": Said(
            403,
            "Your account here was switched off. Ask whoever runs this platform to switch it on.",
            "你在这里的账号已被停用。请联系平台管理员重新启用。",
        ),
        "unreachable": Said(
            503,
            "{name} does not answer. Try again in a moment; accounts with a password log in as "
            "always.",
            "{name} 暂时没有响应。请稍后再试；使用密码的账号可照常登录。",
        ),
    }
)


def login_page(provider: str, *, is_inside: bool) -> str:
    """Where accounts and couriers log in, and out.

    Parameters
    ----------
    provider : str
        Name of the identity provider; empty for none.
    is_inside : bool
        Whether whoever looks at it is logged in already, and may want to leave.

    Returns
    -------
    str
        HTML.
    """
    button = _PROVIDER.format(name=escape(provider)) if provider else ""
    inside = _INSIDE if is_inside else ""
    return _HEAD.format(more="") + inside + _FORMS.format(provider=button)


def said_page(said: Said, *, provider: str) -> str:
    """Why nobody was signed in, and what to do.

    Parameters
    ----------
    said : Said
        Of `SAID`.
    provider : str
        Name of the identity provider.

    Returns
    -------
    str
        HTML.
    """
    en, zh = (escape(text.format(name=provider)) for text in (said.en, said.zh))
    return _HEAD.format(more="") + (
        f'<p role="alert">{en}</p><p lang="zh">{zh}</p>'
        '<p><a class="button" href="/login">Back to the log-in · 返回登录</a></p></html>'
    )


def signed_in_page(account: str) -> str:
    """Lead on to the console.

    Parameters
    ----------
    account : str
        Who was signed in.

    Returns
    -------
    str
        HTML.
    """
    return _HEAD.format(more=_ON) + (
        f"<p>Signed in as · 已登录：<strong>{escape(account)}</strong></p>"
        '<p><a class="button" href="/">Console · 控制台</a></p></html>'
    )
