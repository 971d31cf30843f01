# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Out over a real mail server, back through the host's own gateway, to whoever has to look."""

import pytest

import databases
from odoo_server import OdooServer
from support import gateway, mailing
from support.host import environment
from support.sending_worker import SendingWorker
from support.smtp_sink import SmtpSink

CUSTOMERS = 3
ROWS = """
    SELECT incoming.kind, incoming.state, collection_case.name, who.login, incoming.email_from,
           message.model = 'collection.case' AND message.res_id = incoming.case_id
      FROM collection_incoming incoming
      JOIN mail_message message ON message.id = incoming.message_id
 LEFT JOIN collection_case ON collection_case.id = incoming.case_id
 LEFT JOIN res_users who ON who.id = incoming.user_id
     WHERE incoming.id > %s ORDER BY incoming.id
"""


@pytest.fixture(scope="module")
def correspondence(suite_database, name_for, tmp_path_factory):
    """A running server whose reminders have gone out: the server, and what the customers got."""
    log = tmp_path_factory.mktemp("gateway") / "server.log"
    with databases.database_copy(suite_database, name_for("gateway")) as name:
        with SmtpSink() as sink:
            with environment(name) as env:
                mailing.prepare(env, CUSTOMERS)
                gateway.open_mailboxes(env)
                give_out(env)
                mailing.use_server(env, sink.port)
                mailing.plan(env)
            with SendingWorker(name) as worker:
                worker.run()
            assert len(sink.received) == CUSTOMERS
            received = {one.recipients[0]: one for one in sink.received}
        with OdooServer(name, log) as server:
            yield server, received


def give_out(env):
    """Give each customer a debt manager and a case of their own."""
    group = env.ref("collection.group_debt_manager")
    partners = env["res.partner"].search([("email", "like", "customer%@example.com")], order="id")
    for number, partner in enumerate(partners):
        user = env["res.users"].create({
            "name": f"Debt Manager {number}",
            "login": f"manager{number}",
            "group_ids": [(4, group.id)],
        })
        partner.collection_debt_manager_id = user
    profiles = env["collection.profile"].search([("partner_id", "in", partners.ids)])
    env["collection.case"].create([
        {"profile_id": profile.id, "name": f"GATE-{profile.partner_id.email.split('@')[0]}"}
        for profile in profiles
    ])
    env.cr.commit()


class Delivery:
    """What came of a mail: the rows that are new since."""

    def __init__(self, server):
        self.server = server

    def __call__(self, message):
        [(last,)] = databases.query(
            self.server.database, "SELECT COALESCE(max(id), 0) FROM collection_incoming"
        )
        gateway.deliver(self.server, message.as_bytes())
        return databases.query(self.server.database, ROWS, last)


@pytest.fixture
def deliver(correspondence):
    return Delivery(correspondence[0])


def test_a_reply_lands_in_the_right_case_for_the_right_person(correspondence, deliver):
    _server, received = correspondence
    for number in (1, 0):
        answer = gateway.reply(received[f"customer{number}@example.com"], "We pay on Monday.")
        [(kind, state, case, who, sender, on_case)] = deliver(answer)
        assert (kind, state) == ("reply", "unread")
        assert case == f"GATE-customer{number}"
        assert who == f"manager{number}"
        assert sender == f"customer{number}@example.com"
        assert on_case
        assert deliver(answer) == [], "delivered twice it is work once"


def test_without_references_the_address_finds_the_case(correspondence, deliver):
    _server, received = correspondence
    answer = gateway.reply(received["customer2@example.com"], "Which account?", references=False)
    assert f"@{gateway.DOMAIN}" in answer["To"]
    [(kind, state, case, who, _sender, on_case)] = deliver(answer)
    assert (kind, state, case, who) == ("mail", "unread", "GATE-customer2", "manager2")
    assert on_case


def test_an_unknown_sender_waits_for_somebody_to_choose_the_customer(correspondence, deliver):
    server, received = correspondence
    alias = received["customer0@example.com"].message["Reply-To"]
    stranger = gateway.mail("boss@elsewhere.test", alias, "Your reminder", "Who are you?")
    [(kind, state, case, _who, sender, _on_case)] = deliver(stranger)
    assert (kind, state, case, sender) == ("unknown", "unread", None, "boss@elsewhere.test")
    with environment(server.database) as env:
        row = env["collection.incoming"].search([("email_from", "=", "boss@elsewhere.test")])
        case = env["collection.case"].search([("name", "=", "GATE-customer1")])
        dialog = env["collection.incoming.choose"].with_context(
            **row.action_choose_customer()["context"]
        )
        dialog.create({"profile_id": case.profile_id.id}).action_choose()
        assert row.case_id == case
        assert row.user_id.login == "manager1"
        env.cr.commit()
    stranger = gateway.mail("boss@elsewhere.test", alias, "Once more", "Hello?")
    [(kind, _state, case, who, _sender, _on_case)] = deliver(stranger)
    assert (kind, case, who) == ("mail", "GATE-customer1", "manager1")


def test_a_bounce_marks_the_address_and_is_work(correspondence, deliver):
    server, received = correspondence
    returned = gateway.bounce(received["customer0@example.com"])
    [(kind, state, case, who, _sender, on_case)] = deliver(returned)
    assert (kind, state, case, who) == ("bounce", "unread", "GATE-customer0", "manager0")
    assert on_case
    assert deliver(returned) == []
    with environment(server.database) as env:
        person = env["res.partner"].search([("email", "=", "customer0@example.com")])
        assert person.collection_email_bounced
        row = env["collection.incoming"].search([("kind", "=", "bounce")])
        assert row.sent_message_id.bounced_on
        assert row.action_correct_address()["res_model"] == "collection.incoming.address"
