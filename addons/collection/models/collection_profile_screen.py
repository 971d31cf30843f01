# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The customer screen: its frame, who the customer is, and what to know before calling."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date

# a phone number is looked up by its digits, an invoice by its number: shorter tells too little
MIN_DIGITS = 4


class CollectionProfile(models.Model):
    _inherit = "collection.profile"

    # ------------------------------------------------------------
    # THE FRAME
    # ------------------------------------------------------------

    @api.model
    def _get_screen_panels(self):
        """Return the panels of the customer screen as a list of ``(key, sequence)``.

        Add-ons extend it and answer for their panel's data in ``_screen_panel_<key>()``; what
        shows the data is registered under the same key in the client's
        ``collection_customer_panels``.
        """
        return [
            ("header", 10),
            ("alerts", 15),
            ("contacts", 20),
            ("money", 30),
            ("agreed", 40),
            ("cases", 50),
            ("items", 60),
            ("payments", 70),
            ("notes", 80),
            ("correspondence", 90),
        ]

    @api.readonly
    def get_customer_screen(self, keys=None):
        """Return everything the customer screen shows, or only the panels ``keys``.

        :param list keys: panels to compute; all when ``None``
        :return: dict of ``id``, ``name``, ``panels`` (key and sequence, in order) and ``data``
            (panel key → what ``_screen_panel_<key>()`` returned)
        """
        self.ensure_one()
        self.check_access("read")
        # the panels read by SQL what may still wait to be written
        self.env.flush_all()
        profile = self.with_company(self.company_id)
        panels = sorted(profile._get_screen_panels(), key=lambda panel: panel[1])
        return {
            "id": profile.id,
            "name": profile.partner_id.display_name,
            "panels": [{"key": key, "sequence": sequence} for key, sequence in panels],
            "data": {
                key: getattr(profile, f"_screen_panel_{key}")()
                for key, _sequence in panels
                if keys is None or key in keys
            },
        }

    @api.model
    def _screen_ref(self, record, field="display_name"):
        """Return id and name of a linked record, ``False`` when there is none.

        :param str field: ``name`` where the customer, which the full name tells too, is clear
        """
        if not record:
            return False
        # sudo: the name of a linked record is shown, as every many2one field does
        record = record.sudo()
        return {"id": record.id, "name": record[field] or record.display_name}

    # ------------------------------------------------------------
    # HEADER
    # ------------------------------------------------------------

    def _screen_panel_header(self):
        """Return who the customer is and who looks after it."""
        partner = self.partner_id
        entity = self.commercial_partner_id
        languages = dict(self.env["res.lang"].get_installed())
        participation = dict(self._fields["participation"]._description_selection(self.env))
        return {
            "partner_id": partner.id,
            "name": partner.name or partner.display_name,
            "entity": self._screen_ref(entity) if entity != partner else False,
            "company": self.company_id.name if len(self.env.companies) > 1 else False,
            "ref": partner.ref or entity.ref,
            "vat": partner.vat or entity.vat,
            "address": [
                line.strip()
                for line in partner._display_address(without_company=True).splitlines()
                if line.strip()
            ],
            "phone": partner.phone or entity.phone,
            "email": partner.email or entity.email,
            "website": partner.website or entity.website,
            "language": languages.get(partner.lang, False),
            "tags": partner.category_id.mapped("display_name"),
            "salesperson": self._screen_ref(self.salesperson_id),
            "debt_manager": self._screen_ref(self.debt_manager_id),
            "team": self._screen_ref(self.team_id),
            "payment_contact": self._screen_payment_contact(),
            "participation": participation[self.participation],
            "takes_part": self.takes_part,
            "hold": self.hold,
            "rights": self._screen_rights(),
            **self._screen_neighbours(),
        }

    def _screen_payment_contact(self):
        """Return the person on the customer's side who pays, with phone and e-mail."""
        contact = self.payment_contact_id
        if not contact:
            return False
        return {**self._screen_ref(contact, "name"), "phone": contact.phone, "email": contact.email}

    def _screen_rights(self):
        """Return what the user may do from this screen."""
        may_write = self.has_access("write")
        return {
            "write": may_write,
            "open_case": self.env["collection.case"].has_access("create"),
            "log_contact": self.env["collection.contact.log.wizard"].has_access("create"),
            "hold": may_write and self.env["collection.profile.hold.wizard"].has_access("create"),
            "items": may_write and self.env["collection.item.block.wizard"].has_access("create"),
            "note": self.env["collection.note"].has_access("create"),
        }

    def _screen_neighbours(self):
        """Return the customers before and after this one, by what there is to collect.

        Those who work their own customers go through these; who leads goes through all.
        """
        owing = Domain("company_id", "=", self.company_id.id) & Domain("amount_open", "!=", 0)
        user = self.env.user
        if self.debt_manager_id == user and not user.has_group("collection.group_team_leader"):
            # found by its index: the few of one person are not looked for among everybody's
            owing &= Domain("debt_manager_id", "=", user.id)
        amount = self.amount_to_collect
        same = Domain("amount_to_collect", "=", amount)
        before = Domain("amount_to_collect", ">", amount) | (same & Domain("id", "<", self.id))
        after = Domain("amount_to_collect", "<", amount) | (same & Domain("id", ">", self.id))
        return {
            "previous_id": self.search(
                owing & before, limit=1, order="amount_to_collect, id desc"
            ).id,
            "next_id": self.search(owing & after, limit=1, order="amount_to_collect desc, id").id,
        }

    # ------------------------------------------------------------
    # WHAT TO KNOW BEFORE CALLING
    # ------------------------------------------------------------

    def _screen_panel_alerts(self):
        """Return what a person should know before calling; add-ons add their own.

        :return: list of dicts: ``key``, ``level`` (info, warning, danger), ``icon``, ``title``,
            ``text``, and ``filter`` (a filter of the open items that shows what it is about) or
            ``action`` (an action to open)
        """
        return [
            alert
            for alert in (
                self._screen_alert_hold(),
                self._screen_alert_credits(),
                self._screen_alert_postdated(),
                self._screen_alert_participation(),
            )
            if alert
        ]

    def _screen_alert_hold(self):
        if not self.is_held:
            return None
        return {
            "key": "hold",
            "level": "warning",
            "icon": "fa-pause-circle",
            "title": self.env._("On hold until %s", format_date(self.env, self.hold_until))
            if self.hold_until
            else self.env._("On hold"),
            "text": self.hold_reason or "",
        }

    def _screen_alert_credits(self):
        if not self.amount_credit:
            return None
        return {
            "key": "credits",
            "level": "info",
            "icon": "fa-balance-scale",
            "title": self.env._(
                "Unapplied credits: %s",
                format_amount(self.env, self.amount_credit, self.currency_id),
            ),
            "text": self.env._("Match them with the open items before asking for money."),
            "filter": "credits",
        }

    def _screen_alert_postdated(self):
        [(count, amount, first)] = self.env.execute_query(
            SQL(
                """
                SELECT count(*), sum(abs(amount_company_currency_signed)), min(date)
                  FROM account_payment
                 WHERE %s
                """,
                self._screen_postdated_sql(),
            )
        )
        if not count:
            return None
        return {
            "key": "postdated",
            "level": "info",
            "icon": "fa-calendar-check-o",
            "title": self.env._(
                "Post-dated payments in hand: %s",
                format_amount(self.env, amount or 0, self.currency_id),
            ),
            "text": self.env._(
                "%(count)s payment(s), the next on %(date)s",
                count=count,
                date=format_date(self.env, first),
            ),
        }

    def _screen_alert_participation(self):
        if self.takes_part:
            return None
        return {
            "key": "participation",
            "level": "info",
            "icon": "fa-ban",
            "title": self.env._("Does not take part in collections"),
            "text": self.env._("No rule opens a case for this customer."),
        }

    # ------------------------------------------------------------
    # WHAT CAN BE DONE FROM THE SCREEN
    # ------------------------------------------------------------

    def screen_open_case(self, item_ids=None):
        """Open a case, or add to the one that is open, with some items or all that are overdue.

        :param list item_ids: ids of ``collection.item``
        :return: dict of ``case_id`` and ``message``, or ``action`` where a number must be typed
        """
        self.ensure_one()
        profile = self.with_company(self.company_id)
        company = profile.company_id
        if not company.collection_auto_number and not profile.open_case_ids:
            return {"action": profile._screen_action_new_case()}
        items = profile._screen_own_items(item_ids) if item_ids else None
        known = profile.open_case_ids
        case = self.env["collection.case"].with_company(company)._open_for(profile, items)
        if not case:
            return {"case_id": False, "message": self.env._("Nothing is overdue and free.")}
        if case in known:
            message = self.env._("The items were added to case %s.", case.name)
        else:
            message = self.env._("Case %s was opened.", case.name)
        return {"case_id": case.id, "message": message}

    def _screen_action_new_case(self):
        """Return the form of a new case, for where people type the numbers."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Case"),
            "res_model": "collection.case",
            "views": [(False, "form")],
            "context": {
                "default_profile_id": self.id,
                "default_company_id": self.company_id.id,
            },
        }

    def screen_add_to_case(self, case_id, item_ids):
        """Put items of this customer in one of its open cases."""
        self.ensure_one()
        case = self.open_case_ids.filtered(lambda case: case.id == case_id)
        if not case:
            raise UserError(self.env._("This case is not open any more."))
        case._add_items(self._screen_own_items(item_ids))

    def screen_add_note(self, text):
        """Add a note at the customer.

        :return: the id of the note
        """
        self.ensure_one()
        note = self.env["collection.note"].create({
            "company_id": self.company_id.id,
            "profile_id": self.id,
            "body": text,
        })
        return note.id

    def _screen_own_items(self, item_ids):
        """Return the items with these ids that are this customer's."""
        return self.env["collection.item"].search([
            ("id", "in", item_ids),
            ("profile_id", "=", self.id),
        ])

    # ------------------------------------------------------------
    # SEARCH
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def screen_search(self, term, limit=10):
        """Find customers by name, reference, VAT number, phone, e-mail or document number.

        :param str term: what the user typed
        :return: list of dicts: ``id``, ``name``, ``match`` (what was found, unless the name
            itself), ``amount_overdue`` and ``currency_id``; owing most first
        """
        term = (term or "").strip()
        found = {}
        if not term:
            for profile in self.search([("amount_to_collect", ">", 0)], limit=limit):
                found[profile] = False
        else:
            for search in self._screen_searches():
                for profile, match in search(term, limit - len(found)):
                    found.setdefault(profile, match)
                if len(found) >= limit:
                    break
        several = len(self.env.companies) > 1
        return [
            {
                "id": profile.id,
                "name": profile.partner_id.display_name,
                "match": match,
                "company": profile.company_id.name if several else False,
                "amount_overdue": profile.amount_overdue,
                "currency_id": profile.currency_id.id,
            }
            for profile, match in found.items()
        ]

    @api.model
    def _screen_searches(self):
        """Return the ways of finding a customer, the likeliest first; add-ons add theirs.

        Each takes the term and a limit and yields pairs of a profile and what was matched.
        """
        return [
            self._screen_search_names,
            self._screen_search_documents,
            self._screen_search_phones,
        ]

    def _screen_search_names(self, term, limit):
        by_name = Domain("partner_id.complete_name", "ilike", term)
        for profile in self.search(by_name, limit=limit):
            yield profile, False
        for name in ("ref", "vat", "email"):
            domain = Domain(f"partner_id.{name}", "ilike", term) & ~by_name
            for profile in self.search(domain, limit=limit):
                yield profile, profile.partner_id[name]

    def _screen_search_documents(self, term, limit):
        if len([char for char in term if char.isdigit()]) < MIN_DIGITS:
            return
        if not self.env["account.move"].has_access("read"):
            return
        moves = self.env["account.move"].search(
            Domain("move_type", "in", self.env["account.move"].get_sale_types())
            & Domain("state", "=", "posted")
            & (Domain("name", "ilike", term) | Domain("ref", "=ilike", f"{term}%")),
            limit=limit,
        )
        profiles = {
            (profile.company_id, profile.partner_id): profile
            for profile in self.search([
                ("partner_id", "in", (moves.partner_id | moves.commercial_partner_id).ids)
            ])
        }
        for move in moves:
            profile = profiles.get((move.company_id, move.partner_id)) or profiles.get((
                move.company_id,
                move.commercial_partner_id,
            ))
            if profile:
                yield profile, move.name

    def _screen_search_phones(self, term, limit):
        digits = "".join(char for char in term if char.isdigit())
        if len(digits) < MIN_DIGITS or any(char.isalpha() for char in term):
            return
        partners = self.env["res.partner"].search(
            Domain("phone_sanitized", "like", digits.lstrip("0")), limit=limit * 5
        )
        profiles = self.search(
            [("partner_id", "in", (partners | partners.commercial_partner_id).ids)], limit=limit
        )
        for profile in profiles:
            partner = partners.filtered(
                lambda partner, profile=profile: (
                    profile.partner_id in (partner, partner.commercial_partner_id)
                )
            )[:1]
            yield profile, partner.phone
