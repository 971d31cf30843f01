# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Conversations with mail servers that last for many messages."""

import contextlib
import smtplib


def answer_of(error):
    """Return the words in which a mail server refused something, as in ``550 mailbox unavailable``.

    :param error: what was raised, by the host out of what `smtplib` raised
    :return: nothing if it was no answer of a mail server
    """
    for cause in (error, error.__cause__, error.__context__):
        if isinstance(cause, smtplib.SMTPRecipientsRefused):
            answers = cause.recipients.values()
        elif isinstance(cause, smtplib.SMTPResponseException):
            answers = [(cause.smtp_code, cause.smtp_error)]
        else:
            continue
        return "; ".join(
            f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
            for code, text in answers
        )
    return None


class MailSessions:
    """The sessions of one worker, by server and sender; use it as a context manager."""

    def __init__(self, env):
        self.env = env
        self.sessions = {}

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        for session in self.sessions.values():
            session.close()

    def of(self, server_id, smtp_from):
        """Return the session with a server for a sender; it opens when it is needed."""
        key = server_id, smtp_from
        if key not in self.sessions:
            self.sessions[key] = MailSession(self.env, server_id, smtp_from)
        return self.sessions[key]


class MailSession:
    """A conversation with one mail server, that knows how far it has come with a message.

    :ivar text_handed_over: whether the server may have the text of the current message
    """

    def __init__(self, env, server_id, smtp_from):
        # sudo: the servers are the system's
        self.servers = env["ir.mail_server"].sudo()
        self.server = self.servers.browse(server_id)
        self.smtp_from = smtp_from
        self.connection = None
        self.text_handed_over = False

    def open(self):
        """Connect, unless that was done; tests of the host have no connection."""
        if getattr(self.connection, "sock", None):
            return
        self.connection = self.servers._connect__(
            mail_server_id=self.server.id, smtp_from=self.smtp_from
        )
        hand_over = getattr(self.connection, "data", None)
        if hand_over:

            def watched(text):
                self.text_handed_over = True
                return hand_over(text)

            self.connection.data = watched

    def begin(self):
        """Begin with another message."""
        self.text_handed_over = False

    def close(self):
        """Say goodbye; the server may have gone first."""
        connection, self.connection = self.connection, None
        if connection:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                connection.quit()
