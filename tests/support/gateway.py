# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The host's mail gateway as a mail server uses it, and the mails that come to it."""

import subprocess
import sys
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import make_msgid
from pathlib import Path

DOMAIN = "company.example.com"


def mailgate():
    """Return the script that the host gives to mail servers."""
    import odoo.addons

    for root in odoo.addons.__path__:
        script = Path(root) / "mail" / "static" / "scripts" / "odoo-mailgate.py"
        if script.exists():
            return script
    raise LookupError("The host has no mail gateway.")


def deliver(server, text):
    """Hand a mail to a running server as a mail server's pipe does.

    :param bytes text: the mail as it stands on the wire
    """
    subprocess.run(
        [
            sys.executable,
            mailgate(),
            f"--database={server.database}",
            "--userid=2",
            "--password=admin",
            "--host=127.0.0.1",
            f"--port={server.port}",
        ],
        input=text,
        check=True,
    )


def open_mailboxes(env):
    """Give the company an e-mail domain, so that it has an address to be answered at."""
    domain = env["mail.alias.domain"].create({
        "name": DOMAIN,
        "bounce_alias": "bounce",
        "catchall_alias": "catchall",
    })
    env.company.alias_domain_id = domain
    env.cr.commit()


def mail(sender, to, subject, text):
    """Return a new mail."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Message-Id"] = make_msgid(domain="mail.test")
    message.set_content(text)
    return message


def reply(received, text, references=True):
    """Return what somebody answers to a mail, with a program that sets references or not."""
    original = received.message
    answer = mail(received.recipients[0], original["Reply-To"], f"Re: {original['Subject']}", text)
    if references:
        answer["In-Reply-To"] = original["Message-Id"]
        answer["References"] = original["Message-Id"]
    return answer


def bounce(received):
    """Return what a mail server says that could not deliver a mail, to whom it came from."""
    report = MIMEMultipart("report", **{"report-type": "delivery-status"})
    report["From"] = "MAILER-DAEMON@mail.test"
    report["To"] = received.sender
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Message-Id"] = make_msgid(domain="mail.test")
    report.attach(MIMEText("Nobody has this mailbox."))
    status = MIMEText("", "delivery-status")
    status.set_payload(
        "Reporting-MTA: dns; mail.test\n\n"
        f"Final-Recipient: rfc822; {received.recipients[0]}\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 Nobody has this mailbox\n\n"
    )
    report.attach(status)
    headers = MIMEText("", "rfc822-headers")
    headers.set_payload(f"Message-Id: {received.message['Message-Id']}\n")
    report.attach(headers)
    return report
