# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What a customer writes is a contact with the customer, made by the customer."""

from odoo import fields, models

# what a person wrote; what came back, or what a machine wrote, is no contact
CONTACTS = {"reply": "email", "mail": "email", "question": "portal"}


class CollectionIncoming(models.Model):
    _inherit = "collection.incoming"

    automatic = fields.Boolean(
        "Written by a Machine",
        readonly=True,
        copy=False,
        help="Such as an out-of-office note: it is no contact with the customer.",
    )
    contact_log_ids = fields.One2many(
        "collection.contact.log", "received_id", "Contact Record", readonly=True
    )

    def _set_automatic(self, automatic):  # pylint: disable=missing-return
        super()._set_automatic(automatic)
        if automatic:
            self.automatic = True
        self._leave_contacts()

    def _give_to(self, profile, case=None, person=None):  # pylint: disable=missing-return
        super()._give_to(profile, case, person)
        self._leave_contacts()

    def _leave_contacts(self):
        """Leave a contact record of each mail that a person at a known customer wrote.

        Where mail belongs elsewhere now, its record goes along.
        """
        # sudo: the record of a contact that was made, whoever may see the customer
        rows = self.sudo().filtered(
            lambda row: row.profile_id and row.kind in CONTACTS and not row.automatic
        )
        for row in rows.filtered("contact_log_ids"):
            row.contact_log_ids.write(row._contact_place())
        self.env["collection.contact.log"].sudo().create([  # sudo: as above
            row._contact_values() for row in rows if not row.contact_log_ids
        ])

    def _contact_place(self):
        """Return whose contact a mail is: customer, case and person."""
        self.ensure_one()
        return {
            "profile_id": self.profile_id.id,
            "case_id": self.case_id.id,
            "contact_id": self.person_id.id,
        }

    def _contact_values(self):
        """Return the values of the contact record of a mail, at the time it was written."""
        self.ensure_one()
        now = fields.Datetime.now()
        user = self.user_id or self.profile_id.debt_manager_id
        return {
            **self._contact_place(),
            # the clocks of others may be wrong: nobody writes tomorrow
            "date": min(self.message_id.date or self.received_on, now),
            "user_id": user.id or self.env.uid,
            "channel": CONTACTS[self.kind],
            "direction": "in",
            "note": self.subject or False,
            "received_id": self.id,
        }
