# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command, fields

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


class CollectionCommon(AccountTestInvoicingCommon):
    """A company whose collections are live, two customers, and words to tell stories with."""

    @classmethod
    def get_default_groups(cls):
        groups = super().get_default_groups()
        return groups | cls.quick_ref("collection.group_collection_manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company.collection_tz = "UTC"
        cls.company.collection_live = True
        cls.today = cls.company._collection_today()
        cls.cycle = cls.env["collection.cycle"]
        cls.customer = cls.env["res.partner"].create({"name": "Aegean Trading", "is_company": True})
        cls.other_customer = cls.env["res.partner"].create({
            "name": "Carmel Systems",
            "is_company": True,
        })

    # ------------------------------------------------------------
    # THE LEDGER
    # ------------------------------------------------------------

    @classmethod
    def days(cls, days):
        """Return the day that many days from today, earlier when negative."""
        return fields.Date.add(cls.today, days=days)

    @classmethod
    def invoice(cls, partner=None, amount=1000.0, due=-10, post=True, terms=None, **vals):
        """Return an invoice due that many days from today (earlier when negative)."""
        day = cls.days(due)
        move = cls.env["account.move"].create({
            "move_type": "out_invoice",
            "partner_id": (partner or cls.customer).id,
            "invoice_date": day if not terms else cls.days(due),
            "invoice_date_due": False if terms else day,
            "invoice_payment_term_id": terms.id if terms else False,
            "invoice_line_ids": [
                Command.create({
                    "name": "Service",
                    "quantity": 1,
                    "price_unit": amount,
                    "tax_ids": [Command.clear()],
                })
            ],
            **vals,
        })
        if post:
            move.action_post()
            cls.at_once()
        return move

    @classmethod
    def pay(cls, moves, amount=None, **vals):
        """Register a payment for documents, in full unless an amount is given."""
        wizard = (
            cls
            .env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create({
                **({"amount": amount} if amount else {}),
                "group_payment": True,
                **vals,
            })
        )
        payment = wizard._create_payments()
        cls.at_once()
        return payment

    @classmethod
    def credit(cls, move, amount=None):
        """Credit a document in full, or by an amount, and match the credit note with it."""
        if amount is None:
            refund = move._reverse_moves(cancel=True)
        else:
            refund = cls.env["account.move"].create({
                "move_type": "out_refund",
                "partner_id": move.partner_id.id,
                "invoice_date": cls.today,
                "invoice_line_ids": [
                    Command.create({
                        "name": "Credit",
                        "quantity": 1,
                        "price_unit": amount,
                        "tax_ids": [Command.clear()],
                    })
                ],
            })
            refund.action_post()
            cls.match(refund, move)
        cls.at_once()
        return refund

    @classmethod
    def match(cls, *moves):
        """Match the receivable lines of documents with each other."""
        lines = cls.env["account.move.line"].union(*(cls.receivable(move) for move in moves))
        lines.filtered(lambda line: not line.reconciled).reconcile()
        cls.at_once()

    @classmethod
    def receivable(cls, move):
        """Return the receivable lines of a document."""
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    @classmethod
    def entry(cls, partner, amount, due=-10, account=None):
        """Return a posted journal entry that the customer owes, such as an opening balance."""
        counterpart = account or cls.company_data["default_account_revenue"]
        move = cls.env["account.move"].create({
            "move_type": "entry",
            "date": cls.days(due),
            "ref": "Opening balance",
            "line_ids": [
                Command.create({
                    "partner_id": partner.id,
                    "account_id": cls.company_data["default_account_receivable"].id,
                    "date_maturity": cls.days(due),
                    "debit": max(amount, 0),
                    "credit": max(-amount, 0),
                }),
                Command.create({
                    "account_id": counterpart.id,
                    "debit": max(-amount, 0),
                    "credit": max(amount, 0),
                }),
            ],
        })
        move.action_post()
        cls.at_once()
        return move

    # ------------------------------------------------------------
    # COLLECTIONS
    # ------------------------------------------------------------

    @classmethod
    def at_once(cls):
        """Do what the commit at the end of a user's click does."""
        cls.env.cr.flush()

    @classmethod
    def run_cycle(cls, *partners):
        """Run the cycle for the customers given, or all, without the cron around it."""
        scope_partners = cls.env["res.partner"].union(*partners) if partners else None
        cls.at_once()
        if scope_partners is None:
            scope_partners = cls.env["res.partner"].search([("parent_id", "=", False)])
        cls.cycle._run_for(cls.company, scope_partners)

    @classmethod
    def profile(cls, partner=None):
        """Return the customer's profile."""
        return cls.env["collection.profile"].search([
            ("company_id", "=", cls.company.id),
            ("partner_id", "=", (partner or cls.customer).id),
        ])

    @classmethod
    def cases(cls, partner=None):
        """Return the customer's cases, the newest first."""
        return cls.env["collection.case"].search(
            [("partner_id", "=", (partner or cls.customer).id)], order="id desc"
        )
