# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The address that customers answer to, one per company."""

from odoo import api, fields, models

ALIAS = "collections"


class ResCompany(models.Model):
    _inherit = "res.company"

    collection_alias_id = fields.Many2one(
        "mail.alias",
        "Alias of Collections",
        copy=False,
        readonly=True,
        ondelete="set null",
        help="Mail to this address finds its customer and case.",
    )
    collection_alias_name = fields.Char(
        related="collection_alias_id.alias_name",
        readonly=False,
        string="Name of the Collections Address",
    )
    collection_alias_domain = fields.Char(
        related="collection_alias_id.alias_domain", string="Domain of the Collections Address"
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._collection_make_aliases()
        return companies

    def write(self, vals):
        result = super().write(vals)
        if "alias_domain_id" in vals:
            self._collection_move_aliases()
        return result

    @api.model
    def _collection_make_all_aliases(self):
        """Give every company that has none its address; the data of the add-on calls it."""
        # sudo: also of companies the user does not work in
        companies = self.sudo().with_context(active_test=False)
        without = companies.search([("collection_alias_id", "=", False)], order="id")
        without._collection_make_aliases()

    def _collection_make_aliases(self):
        """Give companies that have none the address that customers answer to."""
        Alias = self.env["mail.alias"].sudo()  # sudo: whoever makes a company, makes its address
        model = self.env["ir.model"]._get_id("collection.incoming")
        owner = self.env["ir.model"]._get_id(self._name)
        for company in self.sudo():  # sudo: as above
            if company.collection_alias_id:
                continue
            company.collection_alias_id = Alias.create({
                "alias_name": company._collection_free_alias_name(company.alias_domain_id),
                "alias_domain_id": company.alias_domain_id.id,
                "alias_model_id": model,
                "alias_defaults": repr({"company_id": company.id}),
                "alias_parent_model_id": owner,
                "alias_parent_thread_id": company.id,
                "alias_contact": "everyone",
            })

    def _collection_move_aliases(self):
        """Let the address follow the company to another e-mail domain."""
        for company in self.sudo():  # sudo: the address belongs to the company
            alias, domain = company.collection_alias_id, company.alias_domain_id
            if alias and alias.alias_domain_id != domain:
                alias.write({
                    "alias_name": company._collection_free_alias_name(domain, alias.alias_name),
                    "alias_domain_id": domain.id,
                })

    def _collection_free_alias_name(self, domain, wanted=ALIAS):
        """Return a name for the address that nobody has in the domain."""
        self.ensure_one()
        Alias = self.env["mail.alias"].sudo()  # sudo: names of others
        names = (
            wanted or ALIAS,
            Alias._sanitize_alias_name(f"{ALIAS}-{self.name}"),
            f"{ALIAS}-{self.id}",
        )
        taken = Alias.search([
            ("alias_name", "in", names),
            ("alias_domain_id", "=", domain.id),
            ("id", "!=", self.collection_alias_id.id),
        ]).mapped("alias_name")
        own = {domain.bounce_alias, domain.catchall_alias}
        return next(name for name in names if name not in taken and name not in own)

    def _collection_alias_email(self):
        """Return the address that customers answer to; nothing without an e-mail domain."""
        self.ensure_one()
        alias = self.sudo().collection_alias_id  # sudo: an address everybody may know
        return alias.alias_name and alias.alias_domain_id and alias.alias_full_name

    def _collection_load_incoming_demo(self):
        """Let the demo customers write a few mails; the demo data calls it."""
        # the demo code is of no use to any other database
        from ..demo.incoming import load

        for company in self:
            load(company)
