"""A mail server (aiosmtpd) that prints what it gets, a JSON object a line; the first line tells its port.

Arguments: "plain", "starttls" or "smtps", then for the last two a PEM file with a certificate and its key, and then
optionally a user and a password, without which it takes no message.
"""

import asyncio
import base64
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


def told(**fields):
    print(json.dumps(fields), flush=True)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("unknown@"):
            return f"550 5.1.1 <{address}>: unknown"
        if address.startswith("busy@"):
            return f"451 4.7.1 <{address}>: try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        parts = [
            {
                "type": part.get_content_type(),
                "name": part.get_filename(),
                "id": part["Content-ID"],
                "content": content if isinstance(content, str) else base64.b64encode(content).decode(),
            }
            for part in message.walk()
            if not part.is_multipart()
            for content in [part.get_content()]
        ]
        told(
            is_encrypted=session.ssl is not None,
            user=(session.auth_data or {}).get("user"),
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            # What is not well-formed is a defect of the parser's policy.
            defects=[str(defect) for part in message.walk() for defect in part.defects],
            headers={name: str(value) for name, value in message.items()},
            parts=parts,
        )
        return "250 taken"


def authenticator(user, password):
    def check(server, session, envelope, mechanism, data):
        known = (data.login, data.password) == (user.encode(), password.encode())
        # handled=False lets the server answer 535.
        return AuthResult(success=known, handled=False, auth_data={"user": user} if known else None)

    return check


async def main(security, pem=None, user=None, password=None):
    context = None
    if pem:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pem)
    settings = {"hostname": "mail.test", "ident": "aiosmtpd", "enable_SMTPUTF8": True}
    if security == "starttls":
        settings |= {"tls_context": context, "require_starttls": True}
    if user:
        settings |= {
            "authenticator": authenticator(user, password),
            "auth_required": True,
            "auth_require_tls": security == "starttls",
        }
    outer = context if security == "smtps" else None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(), **settings), "127.0.0.1", 0, ssl=outer)
    told(port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
