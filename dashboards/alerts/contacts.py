"""Templates of contact points: every address and secret is a ``${NAME}``, filled when they are published.

Grafana has no contact point for Zalo: alerts go to a webhook that passes them to the Official Account (OA) of the
cooperative (https://developers.zalo.me/docs/official-account). Telegram, e-mail and other webhooks are Grafana's own.
"""

from __future__ import annotations

from dashboards.model.rules import ContactPoint


def templates() -> tuple[ContactPoint, ...]:
    """All of them."""
    return (
        _point("cd_zalo", "Cánh Đồng: Zalo", "webhook", _webhook("CANHDONG_ZALO")),
        _point(
            "cd_telegram",
            "Cánh Đồng: Telegram",
            "telegram",
            {"bottoken": "${CANHDONG_TELEGRAM_TOKEN}", "chatid": "${CANHDONG_TELEGRAM_CHAT}"},
        ),
        _point("cd_email", "Cánh Đồng: e-mail", "email", {"addresses": "${CANHDONG_ALERT_EMAILS}"}),
        _point("cd_webhook", "Cánh Đồng: webhook", "webhook", _webhook("CANHDONG_WEBHOOK")),
    )


def _webhook(name: str) -> dict[str, str]:
    return {
        "url": f"${{{name}_URL}}",
        "httpMethod": "POST",
        "authorization_scheme": "Bearer",
        "authorization_credentials": f"${{{name}_TOKEN}}",
    }


def _point(uid: str, name: str, kind: str, settings: dict[str, str]) -> ContactPoint:
    return ContactPoint(uid=uid, name=name, type=kind, settings=settings, disable_resolve_message=False)
