# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Finds the records that the texts of a file name: one search per kind of thing."""

import re

from odoo.fields import Domain

from ..core.recurring_import import Fault

NO_TAXES = frozenset({"-", "0", "0%"})


def as_vat(text):
    """Return a VAT number as it is compared: without spaces, points and dashes."""
    return re.sub(r"[\s.\-/]", "", text or "").upper()


def last_digits(text):
    """Return the digits at the end of a card's name.

    >>> last_digits("•••• 4242")
    '4242'
    """
    found = re.search(r"(\d+)\s*$", text or "")
    return found.group(1) if found else ""


class Finder:
    """What orders of a file mean in a company.

    :param env: of the user who imports
    :param company: the company that bills
    :param orders: the orders, as they were read
    """

    def __init__(self, env, company, orders):
        self.env = env(context={**env.context, "allowed_company_ids": company.ids})
        self.company = company
        self.orders = orders
        self.faults = []
        self.known = self._known_documents()
        self._partners = self._index_partners()
        self._products = self._index_products()
        self._taxes = self._index_taxes()
        self._terms = self._index("account.payment.term", "payment_terms", self._in_company())
        self._currencies = self._index("res.currency", "currency", Domain.TRUE, upper=True)
        self.customers = {order.reference: self._customer(order) for order in orders}
        self._tokens = self._index_tokens()

    # ------------------------------------------------------------
    # WHAT IS ASKED FOR
    # ------------------------------------------------------------

    def values(self, order):
        """Return the values of a recurring document, or nothing when something is not found.

        What is wrong is added to ``faults``.
        """
        before = len(self.faults)
        partner = self.customers[order.reference]
        known = self.known.get(order.reference)
        if known and partner and known.commercial_partner_id != partner.commercial_partner_id:
            self._fault(
                order.place("reference"),
                "reference",
                "reference_taken",
                order.reference,
                document=known.display_name,
                customer=known.partner_id.display_name,
            )
        values = {
            "company_id": self.company.id,
            "partner_id": partner.id if partner else False,
            "reference": order.reference,
            "import_reference": order.reference,
            "line_ids": [(0, 0, self._line_values(entry)) for entry in order.entries],
            **self._plain_values(order),
        }
        if order.values.get("currency"):
            currency = self._one(order, "currency", self._currencies)
            values["currency_id"] = currency.id if currency else False
        if order.values.get("payment_terms"):
            term = self._one(order, "payment_terms", self._terms)
            values["payment_term_id"] = term.id if term else False
        return values if len(self.faults) == before else None

    def token(self, order):
        """Return the saved card that an order is to be charged by, or nothing."""
        text, partner = order.values.get("way"), self.customers[order.reference]
        if not text or not partner:
            return None
        digits = last_digits(text)
        tokens = [
            token
            for token in self._tokens.get(partner.commercial_partner_id.id, ())
            if last_digits(token.payment_details).endswith(digits)
        ]
        if len(tokens) == 1:
            return tokens[0]
        self._fault(
            order.place("way"),
            "way",
            "no_card" if not tokens else "cards",
            text,
            customer=partner.display_name,
            count=len(tokens),
        )
        return None

    # ------------------------------------------------------------
    # VALUES
    # ------------------------------------------------------------

    @staticmethod
    def _plain_values(order):
        """Return the values that need no record."""
        names = {
            "title": "title",
            "method": "method",
            "document": "document_kind",
            "every": "every",
            "unit": "unit",
            "start": "date_start",
            "end": "date_end",
            "count": "count",
            "begins": "begin_rule",
            "begin_day": "begin_day",
            "billed_on": "bill_on",
            "days_later": "bill_offset",
            "charge": "charge",
        }
        return {
            field: order.values[name]
            for name, field in names.items()
            if order.values.get(name) is not None
        }

    def _line_values(self, entry):
        """Return the values of a line."""
        found, values = entry.values, {"sequence": 10}
        if found.get("product"):
            product = self._product(entry)
            values["product_id"] = product.id if product else False
        for name, field in (
            ("description", "name"),
            ("quantity", "quantity"),
            ("price", "price_unit"),
            ("discount", "discount"),
        ):
            if found.get(name) is not None:
                values[field] = found[name]
        if found.get("taxes"):
            values["tax_ids"] = [(6, 0, self._taxes_of(entry))]
        return values

    def _taxes_of(self, entry):
        """Return the ids of the taxes that a line names."""
        text = entry.values["taxes"]
        if text in NO_TAXES:
            return []
        texts = [text] if text in self._taxes else self._split(text)
        ids = []
        for one in texts:
            taxes = self._taxes.get(one, ())
            if len(taxes) == 1:
                ids.append(taxes[0].id)
            else:
                kind = "several" if taxes else "not_found"
                self._fault(entry.line, "taxes", kind, one, count=len(taxes))
        return ids

    def _product(self, entry):
        """Return the product that a line names, by its code before its name."""
        text = entry.values["product"]
        by_code, by_name = self._products
        found = by_code.get(text) or by_name.get(text) or []
        if len(found) == 1:
            return found[0]
        kind = "several" if found else "not_found"
        self._fault(entry.line, "product", kind, text, count=len(found))
        return None

    def _customer(self, order):
        """Return the customer that an order names, by reference, VAT number or name."""
        text = order.values.get("customer")
        if not text:
            return None
        by_ref, by_vat, by_name = self._partners
        for found in (by_ref.get(text), by_vat.get(as_vat(text)), by_name.get(text)):
            if not found:
                continue
            # contacts of a company carry its VAT number, and often its name
            own = [one for one in found if one == one.commercial_partner_id]
            best = own if len(own) == 1 else found
            if len(best) == 1:
                return best[0]
            self._fault(order.place("customer"), "customer", "several", text, count=len(best))
            return None
        self._fault(order.place("customer"), "customer", "not_found", text)
        return None

    def _one(self, order, column, index):
        """Return the record that an order names in a column."""
        text = order.values[column]
        found = index.get(text) or index.get(text.upper()) or []
        if len(found) == 1:
            return found[0]
        kind = "several" if found else "not_found"
        self._fault(order.place(column), column, kind, text, count=len(found))
        return None

    def _fault(self, line, column, kind, value="", **more):
        self.faults.append(Fault(line, column, kind, value, more))

    # ------------------------------------------------------------
    # SEARCHES, ONE OF EACH KIND
    # ------------------------------------------------------------

    def _in_company(self):
        return Domain("company_id", "in", (False, *self.company.parent_ids.ids))

    def _texts(self, column):
        """Return what the orders or their lines say in a column."""
        return {
            text
            for order in self.orders
            for values in (order.values, *(entry.values for entry in order.entries))
            if (text := values.get(column))
        }

    @staticmethod
    def _split(text):
        return [part.strip() for part in re.split(r"[,;|+]", text) if part.strip()]

    @staticmethod
    def _by(records, key):
        """Return lists of records by a key, without those that have none."""
        found = {}
        for record in records:
            if value := key(record):
                found.setdefault(value, []).append(record)
        return found

    def _index(self, model, column, domain, *, upper=False):
        texts = self._texts(column)
        if not texts:
            return {}
        if upper:
            texts = {text.upper() for text in texts}
        records = self.env[model].search(domain & Domain("name", "in", list(texts)))
        return self._by(records, lambda record: record.name)

    def _known_documents(self):
        """Return the recurring documents of the company that have a reference of the file."""
        references = [order.reference for order in self.orders]
        documents = self.env["recurring.document"].search(
            Domain("company_id", "=", self.company.id)
            & (
                Domain("import_reference", "in", references) | Domain("reference", "in", references)
            ),
            order="id",
        )
        known = self._by(documents, lambda one: one.reference)
        known |= self._by(documents, lambda one: one.import_reference)
        return {reference: found[0] for reference, found in known.items()}

    def _index_partners(self):
        texts = list(self._texts("customer"))
        vats = list({*texts, *map(as_vat, texts)})
        partners = self.env["res.partner"].search(
            self._in_company()
            & (
                Domain("ref", "in", texts) | Domain("vat", "in", vats) | Domain("name", "in", texts)
            ),
            order="id",
        )
        return (
            self._by(partners, lambda one: one.ref),
            self._by(partners, lambda one: as_vat(one.vat)),
            self._by(partners, lambda one: one.name),
        )

    def _index_products(self):
        texts = list(self._texts("product"))
        if not texts:
            return {}, {}
        products = self.env["product.product"].search(
            self._in_company()
            & (Domain("default_code", "in", texts) | Domain("name", "in", texts)),
            order="id",
        )
        return (
            self._by(products, lambda one: one.default_code),
            self._by(products, lambda one: one.name),
        )

    def _index_taxes(self):
        texts = self._texts("taxes") - NO_TAXES
        if not texts:
            return {}
        names = texts | {part for text in texts for part in self._split(text)}
        taxes = self.env["account.tax"].search([
            *self.env["account.tax"]._check_company_domain(self.company),
            ("type_tax_use", "=", "sale"),
            ("name", "in", list(names)),
        ])
        return self._by(taxes, lambda tax: tax.name)

    def _index_tokens(self):
        partners = {
            customer.commercial_partner_id.id
            for order in self.orders
            if order.values.get("way") and (customer := self.customers[order.reference])
        }
        if not partners:
            return {}
        tokens = self.env["payment.token"].search([
            ("partner_id.commercial_partner_id", "in", list(partners)),
            ("company_id", "in", self.company.parent_ids.ids),
        ])
        return self._by(tokens, lambda token: token.partner_id.commercial_partner_id.id)
