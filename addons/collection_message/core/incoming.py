# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What the headers and parts of an incoming mail tell: written by a machine, a report on a message.

Plain functions over ``email.message.EmailMessage``; nothing here knows of records.
"""

import re
from dataclasses import dataclass
from email.message import Message

# headers that machines set on what they answer by themselves, beside Auto-Submitted (RFC 3834)
AUTOMATIC_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponse", "X-Auto-Reply")
AUTOMATIC_PRECEDENCES = {"auto_reply", "auto-reply", "bulk", "junk"}
# words of a subject that could be the number of a case
SHORTEST_NUMBER = 4
MOST_WORDS = 30
# what says in which language ever that a subject is that of an answer
ANSWER_PREFIX = re.compile(r"^\s*((re|aw|sv|antw|r|απ|σχετ|תשובה|השב)\s*(\[\d+\])?\s*:\s*)+", re.I)


@dataclass(frozen=True)
class Report:
    """What a mail server says became of a message.

    :param outcome: ``failed``, ``delayed``, ``delivered`` or ``read``
    :param status: the enhanced status code, such as 5.1.1; empty where none was given
    :param recipient: the address it speaks of
    :param words: what the server says, for a person to read
    """

    outcome: str
    status: str = ""
    recipient: str = ""
    words: str = ""

    @property
    def is_failure(self):
        """Whether the message has not arrived and will not."""
        return self.outcome == "failed"

    @property
    def is_temporary(self):
        """Whether the same address may work another time: a full mailbox, a server away."""
        return self.status.startswith("4") or self.status in ("5.2.2", "5.4.7")


def is_automatic(message: Message) -> bool:
    """Return whether a machine wrote a mail: an out-of-office note, a receipt, a newsletter."""
    submitted = str(message.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    if submitted and submitted != "no":
        return True
    if any(message.get(name) for name in AUTOMATIC_HEADERS):
        return True
    for name in ("Precedence", "X-Precedence"):
        if str(message.get(name, "")).strip().lower() in AUTOMATIC_PRECEDENCES:
            return True
    # a null sender: nobody is to be told of what becomes of the mail
    return str(message.get("Return-Path", "-")).strip() == "<>"


def read_report(message: Message) -> Report:
    """Return what a report says; a bounce without a part that machines can read has failed."""
    kinds = {part.get_content_type() for part in message.walk()}
    if "message/disposition-notification" in kinds:
        return Report("read")
    reports = [
        _read_recipient(fields)
        for part in message.walk()
        if part.get_content_type() == "message/delivery-status"
        for fields in part.get_payload()
        if isinstance(fields, Message) and (fields["Action"] or fields["Final-Recipient"])
    ]
    # of several recipients the one that somebody has to look at
    order = ("failed", "delayed", "delivered")
    reports.sort(key=lambda report: order.index(report.outcome))
    return reports[0] if reports else Report("failed")


def _read_recipient(fields: Message) -> Report:
    action = str(fields["Action"] or "failed").strip().lower()
    outcome = {"failed": "failed", "delayed": "delayed"}.get(action, "delivered")
    status = re.search(r"[245]\.\d{1,3}\.\d{1,3}", str(fields["Status"] or ""))
    recipient = str(fields["Final-Recipient"] or fields["Original-Recipient"] or "")
    words = str(fields["Diagnostic-Code"] or "").split(";", 1)[-1]
    return Report(
        outcome,
        status=status.group() if status else "",
        recipient=recipient.split(";", 1)[-1].strip().lower(),
        words=" ".join(words.split()),
    )


def number_candidates(subject: str) -> list[str]:
    """Return the words of a subject that could be the number of a case, in their order."""
    words = (word.strip("()[]{}<>#:;,.!?\"'“”„»«") for word in (subject or "").split())
    found = dict.fromkeys(
        word
        for word in words
        if len(word) >= SHORTEST_NUMBER and any(letter.isdigit() for letter in word)
    )
    return list(found)[:MOST_WORDS]


def answer_subject(subject: str) -> str:
    """Return the subject of the answer to a mail: prefixed once, however often it went round."""
    return f"Re: {ANSWER_PREFIX.sub('', subject or '').strip()}".strip()


def flowing(html: str) -> str:
    """Return the text of a mail with what was written as plain text in paragraphs of its own.

    The host shows plain mails as preformatted text, which editors take for program code.
    """

    def paragraph(found):
        lines = found.group(1).strip().splitlines()
        return f"<p>{'<br/>'.join(line.rstrip() for line in lines)}</p>"

    return re.sub(r"<pre\b[^>]*>(.*?)</pre>", paragraph, html or "", flags=re.S | re.I)
