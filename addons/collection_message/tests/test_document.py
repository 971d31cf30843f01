# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The document file: kept at customer and invoice, saved from mails, sent along."""

import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.collection.tests.common_access import OUTSIDERS, ROLES, AccessCommon, TableOfRights

from .message_common import MessageCommon

RIGHTS = """
model                     debt_manager team_leader manager accountant credit_manager auditor
collection.document       rcw/-        rcw/-       rcwu    rcw        rcw            r
collection.extension      rw/-         rw/-        rw      rw         rw             r
collection.extension.line r/-          r/-         r       r          r              r
"""
KIND_RIGHTS = {"manager": "rcwu"}
DIALOGS = {
    "collection.document.save": set(ROLES) - {"auditor"},
    "collection.extension.wizard": set(ROLES) - {"auditor"},
    "collection.statement.wizard": set(ROLES),
}


class DocumentCommon(AccessCommon, MessageCommon):
    def upload(self, role="debt_manager", name="delivery.txt", content=b"Signed by Maria"):
        """Upload a file as the client does, and return it."""
        env = self.as_user(self.env["ir.attachment"], role)
        return env.create({
            "name": name,
            "raw": content,
            "res_model": "collection.document",
            "res_id": 0,
        })

    def keep(self, record=None, role="debt_manager", files=None, **vals):
        """Keep a file at a record as a user, and return the document."""
        record = record or self.own_case.profile_id
        files = files or self.upload(role)
        ids = self.as_user(self.env["collection.document"], role).create_from_attachments(
            files.ids, record._name, record.id, **vals
        )
        self.env.invalidate_all()
        return self.env["collection.document"].browse(ids)


@tagged("post_install", "-at_install")
class TestDocument(DocumentCommon):
    # ------------------------------------------------------------
    # KEEPING
    # ------------------------------------------------------------

    def test_files_are_kept_at_customer_case_and_invoice(self):
        profile = self.own_case.profile_id
        for record, move in (
            (profile, False),
            (self.own_case, False),
            (self.own_invoice, self.own_invoice),
        ):
            with self.subTest(model=record._name):
                document = self.keep(record)
                self.assertEqual(document.profile_id, profile)
                self.assertEqual(document.move_id, move or self.env["account.move"])
                self.assertEqual(document.name, "delivery.txt")
                file = document.attachment_id
                self.assertEqual((file.res_model, file.res_id), (document._name, document.id))
                self.assertEqual(file.raw, b"Signed by Maria")

    def test_several_files_at_once(self):
        files = self.upload(name="a.txt") | self.upload(name="b.txt")
        documents = self.keep(files=files.with_env(self.env))
        self.assertEqual(set(documents.mapped("name")), {"a.txt", "b.txt"})

    def test_the_form_takes_a_file(self):
        Document = self.as_user(self.env["collection.document"], "debt_manager").with_context(
            active_model="collection.case", active_id=self.own_case.id
        )
        form = Form(Document)
        self.assertEqual(form.profile_id, self.own_case.profile_id)
        # what the client sends on saving
        document = Document.create({
            "name": "Contract 2026",
            "kind_id": self.env.ref("collection_message.document_kind_contract").id,
            "profile_id": form.profile_id.id,
            "file": base64.b64encode(b"The parties agree"),
            "file_name": "contract.txt",
        })
        self.assertEqual(document.attachment_id.raw, b"The parties agree")
        self.assertEqual(document.attachment_id.name, "contract.txt")
        self.assertEqual(base64.b64decode(document.file), b"The parties agree")
        document.write({"file": base64.b64encode(b"They agree anew"), "file_name": "v2.txt"})
        self.assertEqual(document.attachment_id.raw, b"They agree anew")
        self.assertEqual(document.attachment_id.name, "v2.txt")

    def test_a_document_needs_a_file(self):
        with self.assertRaisesRegex(UserError, "file"):
            self.env["collection.document"].create({
                "name": "Nothing",
                "profile_id": self.own_case.profile_id.id,
            })

    def test_the_kind_says_whether_it_goes_along(self):
        kind = self.env.ref("collection_message.document_kind_delivery")
        document = self.keep(self.own_invoice, kind_id=kind.id)
        self.assertTrue(document.send_along)
        self.assertTrue(document.share_portal)
        self.assertFalse(self.keep(self.own_invoice).send_along)

    def test_an_invoice_of_somebody_else_is_refused(self):
        with self.assertRaisesRegex(UserError, "not an invoice of"):
            self.keep(role="accountant", move_id=self.other_invoice.id)

    def test_counts_on_customer_case_and_invoice(self):
        self.keep()
        self.keep(self.own_invoice)
        elsewhere = self.invoice(self.customer, amount=50.0, due=30)
        self.keep(elsewhere)
        self.assertEqual(self.own_case.profile_id.document_count, 3)
        self.assertEqual(self.own_case.document_count, 2)
        found = self.env["collection.document"].search(
            self.own_case.action_open_documents()["domain"]
        )
        self.assertEqual(len(found), 2)
        self.assertEqual(self.own_invoice.collection_document_count, 1)

    def test_deleting_a_document_deletes_its_file(self):
        document = self.keep()
        file = document.attachment_id
        document.unlink()
        self.assertFalse(file.exists())

    # ------------------------------------------------------------
    # FROM A MAIL
    # ------------------------------------------------------------

    def mail(self, **vals):
        with self.mock_mail_gateway():
            return self.own_case.sudo().message_post(
                body="<p>Here is the signed delivery note</p>",
                subject="Re: INV/1",
                message_type="email",
                author_id=self.maria.id,
                **vals,
            )

    def save_dialog(self, message, role="debt_manager"):
        action = self.as_user(message, role).action_collection_save_documents()
        env = self.as_user(self.env["collection.document.save"], role).env
        return Form(env["collection.document.save"].with_context(**action["context"]))

    def test_the_files_of_a_mail_are_saved_as_copies(self):
        message = self.mail(attachments=[("note.txt", b"Signed"), ("photo.txt", b"Pallet")])
        form = self.save_dialog(message)
        self.assertEqual(form.profile_id, self.own_case.profile_id)
        self.assertFalse(form.with_text)
        form.kind_id = self.env.ref("collection_message.document_kind_delivery")
        form.save().action_save()
        documents = self.own_case.profile_id.document_ids
        self.assertEqual(set(documents.mapped("name")), {"note.txt", "photo.txt"})
        self.assertEqual(documents.source_message_id, message)
        self.assertTrue(all(documents.mapped("send_along")))
        self.assertEqual(len(message.attachment_ids), 2)
        self.assertFalse(message.attachment_ids & documents.attachment_id)

    def test_of_a_mail_without_files_the_text_is_saved(self):
        message = self.mail()
        form = self.save_dialog(message)
        self.assertTrue(form.with_text)
        form.save().action_save()
        document = self.own_case.profile_id.document_ids
        self.assertIn(b"Here is the signed delivery note", document.attachment_id.raw)
        self.assertEqual(document.attachment_id.mimetype, "text/plain")

    def test_a_mail_one_may_not_read_is_not_saved(self):
        message = self.mail()
        with self.assertRaises(AccessError):
            self.as_user(message, self.colleague).action_collection_save_documents()

    # ------------------------------------------------------------
    # SENDING
    # ------------------------------------------------------------

    def names(self, mail):
        return sorted(name for name, *_rest in mail["attachments"])

    def test_marked_documents_go_along_with_reminders_about_the_invoice(self):
        other = self.invoice(self.customer, amount=70.0, due=-4)
        for record, name, along in (
            (self.own_invoice, "yes.txt", True),
            (self.own_invoice, "no.txt", False),
            (other, "other.txt", True),
        ):
            self.keep(record, files=self.upload(name=name), send_along=along)
        message = self.plan(self.own_invoice.collection_item_ids)
        [mail] = self.send()
        self.assertEqual(self.names(mail), ["yes.txt"])
        # what was sent stays, whatever becomes of the document
        self.own_invoice.collection_document_ids.unlink()
        self.assertEqual(message.mail_message_id.sudo().attachment_ids.mapped("name"), ["yes.txt"])

    def test_an_expired_document_stays_at_home(self):
        self.keep(self.own_invoice, send_along=True, valid_until=self.days(-1))
        self.plan(self.own_invoice.collection_item_ids)
        [mail] = self.send()
        self.assertFalse(mail["attachments"])

    def test_the_dialog_shows_what_goes_along_and_lets_one_choose(self):
        self.keep(self.own_invoice, files=self.upload(name="marked.txt"), send_along=True)
        chosen = self.keep(files=self.upload(name="chosen.txt"))
        action = self.own_case.action_write_message()
        form = Form(self.env["collection.message.compose"].with_context(**action["context"]))
        self.assertEqual([document.name for document in form.document_ids], ["marked.txt"])
        form.document_ids.clear()
        form.document_ids.add(chosen)
        form.attach_statement = False
        form.attach_invoices = False
        with self.mock_mail_gateway():
            form.save().action_send()
            [mail] = self._mails
        self.assertEqual(self.names(mail), ["chosen.txt"])

    def test_a_document_is_sent_from_its_form(self):
        document = self.keep()
        action = document.action_write_message()
        form = Form(self.env["collection.message.compose"].with_context(**action["context"]))
        self.assertEqual(form.document_ids[:], document)

    # ------------------------------------------------------------
    # CUSTOMER SCREEN
    # ------------------------------------------------------------

    def test_the_screen_lists_the_file(self):
        self.keep(self.own_invoice, name="Signed note")
        screen = self.as_user(self.own_case.profile_id, "debt_manager").get_customer_screen([
            "documents",
            "header",
        ])["data"]
        [row] = screen["documents"]["documents"]
        self.assertEqual((row["name"], row["move"]["id"]), ("Signed note", self.own_invoice.id))
        self.assertTrue(screen["header"]["rights"]["documents"])

    def test_the_auditor_sees_the_file_and_changes_nothing(self):
        self.keep()
        screen = self.as_user(self.own_case.profile_id, "auditor").get_customer_screen([
            "documents",
            "header",
        ])["data"]
        self.assertEqual(screen["documents"]["count"], 1)
        self.assertFalse(screen["header"]["rights"]["documents"])
        self.assertTrue(screen["header"]["rights"]["statement"])


@tagged("post_install", "-at_install")
class TestDocumentRights(TableOfRights, DocumentCommon):
    rights = RIGHTS

    @classmethod
    def records_of(cls, case):
        """Return {model: a record of it} around a case."""
        case = case.sudo()
        env = case.with_company(case.company_id).env
        document = env["collection.document"].create({
            "profile_id": case.profile_id.id,
            "file": base64.b64encode(b"Signed"),
            "file_name": "note.txt",
        })
        extension = env["collection.extension"]._request(
            case.open_item_ids.with_env(env), cls.days(5), reason="Holidays"
        )
        env.flush_all()
        return {
            "collection.document": document,
            "collection.extension": extension.sudo(),
            "collection.extension.line": extension.sudo().line_ids,
        }

    def test_kinds_are_the_managers(self):
        kind = self.env.ref("collection_message.document_kind_order")
        for role in ROLES:
            with self.subTest(role=role):
                self.assertEqual(self.rights_on(kind, role), KIND_RIGHTS.get(role, "r"))

    def test_who_may_open_the_dialogs(self):
        for model, roles in DIALOGS.items():
            for role in (*ROLES, *OUTSIDERS, "public"):
                with self.subTest(model=model, role=role):
                    dialog = self.as_user(self.env[model], role)
                    self.assertEqual(dialog.has_access("create"), role in roles)

    def test_the_file_is_read_by_who_reads_the_document(self):
        file = self.own["collection.document"].attachment_id
        for role in (*ROLES, *OUTSIDERS):
            with self.subTest(role=role):
                own = self.as_user(file, role)
                self.assertEqual(own.has_access("read"), role in ROLES)
        self.assertFalse(self.as_user(file, self.colleague).has_access("read"))

    def test_a_file_one_may_not_read_cannot_be_kept(self):
        file = self.others["collection.document"].attachment_id
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.keep(files=file)

    def test_nobody_decides_by_writing(self):
        extension = self.own["collection.extension"]
        for name, value in (
            ("state", "approved"),
            ("amount", 1.0),
            ("days", 1),
            ("new_date", self.days(99)),
            ("decided_by", self.colleague.id),
            ("requested_by", self.colleague.id),
        ):
            for role in ("debt_manager", "manager", "credit_manager"):
                with self.subTest(field=name, role=role), self.assertRaises(AccessError):
                    self.as_user(extension, role).write({name: value})
        with self.assertRaises(AccessError):
            self.as_user(self.own["collection.document"], "manager").attachment_id = False

    def test_the_auditor_decides_nothing(self):
        for action in ("approve", "refuse", "cancel"):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(
                    self.as_user(self.own["collection.extension"], "auditor"), f"action_{action}"
                )()

    def test_everybody_with_a_role_makes_statements_of_their_customers(self):
        profile = self.own_case.profile_id
        for role in ROLES:
            with self.subTest(role=role):
                own = self.as_user(profile, role)
                [section] = own._statements("open_item")[own].sections
                self.assertEqual(section.balance, 1000.0)
                wizard = (
                    own
                    .env["collection.statement.wizard"]
                    .with_context(active_model=profile._name, active_id=profile.id)
                    .create({"format": "xlsx"})
                )
                self.assertIn("download", wizard.action_download()["url"])
