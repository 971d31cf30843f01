# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL, format_date


class RecurringRunLine(models.Model):
    """One document of a preview: of whom, for what, how much, by which way, and what stands out."""

    _name = "recurring.run.line"
    _description = "Line of a Run of Recurring Documents"
    _order = "problem desc NULLS LAST, change desc NULLS LAST, bill_on, id"
    _rec_name = "document_id"

    run_id = fields.Many2one("recurring.run", "Run", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="run_id.company_id", string="Company")
    taken = fields.Boolean("Bill", default=True)
    document_id = fields.Many2one(
        "recurring.document",
        "Recurring Document",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one("res.partner", "Customer", required=True, readonly=True)
    method = fields.Selection(related="document_id.method", string="Method")
    document_kind = fields.Selection(related="document_id.document_kind", string="Document")
    date_from = fields.Date("From", readonly=True)
    date_to = fields.Date("To", readonly=True)
    bill_on = fields.Date("Billed On", readonly=True)
    what = fields.Char("What", readonly=True)
    amount = fields.Monetary("Amount", readonly=True)
    amount_before = fields.Monetary("Last Time", readonly=True)
    currency_id = fields.Many2one("res.currency", "Currency", required=True, readonly=True)
    way_id = fields.Many2one("payment.charge.way", "Charged by", readonly=True)
    way_text = fields.Char("By Which Way", readonly=True)
    change = fields.Char("What Changed", readonly=True)
    problem = fields.Char("Will Fail Because", readonly=True)
    blocked = fields.Boolean(
        "Cannot Be Billed", readonly=True, help="It is not even billed, so it cannot be ticked."
    )

    # ------------------------------------------------------------
    # PREVIEW
    # ------------------------------------------------------------

    @api.model
    def _values(self, run, bundles):
        """Return the values of the lines for what is due.

        :param dict bundles: by document and day of billing, the slices and the rows that are
            written down already; instead of rows, the error of a document that cannot be planned
        """
        Period = self.env["recurring.period"]
        slices = [one for some, _rows in bundles.values() for one in some]
        contents = {
            id(one): entries for one, entries in zip(slices, Period._contents(slices), strict=True)
        }
        documents = self.env["recurring.document"].union(*{key[0] for key in bundles})
        before = self._last_contents(documents)
        lists = self.env["payment.charge.way"]._lists_of(documents.commercial_partner_id)
        vals_list = []
        for (document, bill_on), (some, rows) in sorted(
            bundles.items(), key=lambda item: (item[0][1], item[0][0].id)
        ):
            vals = {
                "run_id": run.id,
                "document_id": document.id,
                "partner_id": document.commercial_partner_id.id,
                "currency_id": document.currency_id.id,
                "bill_on": bill_on,
            }
            if isinstance(rows, str):
                vals |= {"problem": rows, "blocked": True, "taken": False}
                vals_list.append(vals)
                continue
            entries = [entry for one in some for entry in contents[id(one)]]
            if not any(not entry.get("display") for entry in entries):
                # a period without anything to bill is no news
                continue
            way = (
                document._ways(lists)[:1]
                if document._is_charged()
                else Period.env["payment.charge.way"]
            )
            last = before.get(document.id)
            problem, blocked = self._problem(document, way, lists, some, rows)
            vals |= {
                "date_from": min(one.period.first for one in some),
                "date_to": max(one.period.last for one in some),
                "what": ", ".join(
                    dict.fromkeys(
                        entry["name"].splitlines()[0]
                        for entry in entries
                        if entry["name"] and not entry.get("display")
                    )
                )[:250],
                "amount": document._total(entries),
                "amount_before": last[1] if last else 0.0,
                "way_id": way.id,
                "way_text": document.way_text,
                "change": self._change(document, some, entries, last, way),
                "problem": problem,
                "blocked": blocked,
                "taken": not blocked and not any(row.left_out for row in rows),
            }
            vals_list.append(vals)
            # the next one is compared with this one
            own = document.line_ids.filtered(lambda line: line._has_own_dates()).ids
            known = {key: entry for key, entry in (last[0] if last else {}).items() if key in own}
            known |= {entry["line"]: entry for entry in entries}
            before[document.id] = (known, vals["amount"], way)
        return vals_list

    @api.model
    def _last_contents(self, documents):
        """Return what was billed last time, by the document's id: entries, amount and way."""
        # the last period of the document as a whole, and whatever was billed since
        query = SQL(
            """
            SELECT period.id
              FROM recurring_period period
              JOIN (SELECT document_id,
                           COALESCE(MAX(bill_on) FILTER (WHERE line_id IS NULL), MAX(bill_on)) AS day
                      FROM recurring_period
                     WHERE document_id = ANY(%(documents)s)
                       AND state IN ('generated', 'charging', 'unpaid')
                       AND content IS NOT NULL
                     GROUP BY document_id) latest
                ON latest.document_id = period.document_id AND period.bill_on >= latest.day
             WHERE period.state IN ('generated', 'charging', 'unpaid')
               AND period.content IS NOT NULL
             ORDER BY period.document_id, period.bill_on, period.id
            """,
            documents=documents.ids,
        )
        # sudo: what was billed is compared with what will be
        Period = self.env["recurring.period"].sudo()
        Period.flush_model(["document_id", "line_id", "bill_on", "state", "content"])
        rows = Period.browse(row[0] for row in self.env.execute_query(query))
        found = {}
        for document, some in rows.grouped("document_id").items():
            entries = {entry["line"]: entry for row in some for entry in row.content}
            last = some.filtered(lambda row, day=some[-1].bill_on: row.bill_on == day)
            found[document.id] = (
                entries,
                sum(last.mapped("amount")),
                last.main_id[:1].last_attempt_id.way_id,
            )
        return found

    @api.model
    def _problem(self, document, way, lists, slices, rows):
        """Return what will fail, in words, and whether the document cannot be billed at all."""
        partner = document.commercial_partner_id.with_company(document.company_id)
        if document.trouble:
            return document.trouble.splitlines()[0], True
        if not document._is_charged():
            return "", False
        direct = document.method == "direct"
        # sudo: the hold binds everybody
        if partner.sudo().charge_hold:
            return self.env._("The customer is not charged now."), direct
        if not way:
            ways = partner._charge_all_ways(document.company_id, document, lists)
            day = max(slices[0].bill_on, document.company_id._charge_today())
            for one in ways:
                why = one._charge_hindrance(day) or one._charge_in_currency(document.currency_id)
                if why:
                    return f"{one.display_name}: {why}", False
            return self.env._("The customer has no way to be charged."), False
        charge_on = fields.Date.add(slices[0].bill_on, days=document.charge_offset)
        day = max(charge_on, document.company_id._charge_today())
        return way._charge_hindrance(day), False

    @api.model
    def _change(self, document, slices, entries, last, way):
        """Return what is different from the last time, in words."""
        parts = []
        if last is None:
            return self.env._("First time")
        known, _amount, last_way = last
        for entry in entries:
            if entry.get("display"):
                continue
            label = (entry["name"] or "").splitlines()[0]
            before = known.get(entry["line"])
            if not before:
                parts.append(self.env._("new: %s", label))
                continue
            parts += self._difference(document, label, before, entry)
        billed = {entry["line"] for entry in entries}
        lines = {line.id: line for line in document.line_ids}
        whole = any(not one.line for one in slices)
        for line, before in known.items():
            # a line with dates of its own may be billed on another day
            own = line in lines and lines[line]._has_own_dates() and not lines[line]._is_over()
            if whole and line not in billed and not before.get("display") and not own:
                parts.append(self.env._("no more: %s", (before["name"] or "").splitlines()[0]))
        if last_way and way and last_way != way:
            parts.append(
                self.env._(
                    "charged by %(now)s instead of %(before)s",
                    now=way.display_name,
                    before=last_way.display_name,
                )
            )
        cut = [one for one in slices if not one.period.is_whole]
        if cut:
            parts.append(
                self.env._(
                    "only %(from)s – %(to)s",
                    **{
                        "from": format_date(self.env, cut[0].period.first),
                        "to": format_date(self.env, cut[0].period.last),
                    },
                )
            )
        return "; ".join(parts)[:500]

    @api.model
    def _difference(self, document, label, before, entry):
        """Yield how an entry differs from the same line's last time."""

        currency = document.currency_id
        if currency.compare_amounts(before["whole"], entry["whole"]):
            yield self.env._(
                "%(what)s: %(before)s → %(now)s",
                what=label,
                before=currency.format(before["whole"]),
                now=currency.format(entry["whole"]),
            )
        for key, text in (
            ("quantity", self.env._("quantity")),
            ("discount", self.env._("discount")),
        ):
            if before.get(key) != entry.get(key):
                yield self.env._(
                    "%(what)s: %(field)s %(before)s → %(now)s",
                    what=label,
                    field=text,
                    before=f"{before.get(key):g}",
                    now=f"{entry.get(key):g}",
                )
        if sorted(before.get("taxes", ())) != sorted(entry.get("taxes", ())):
            yield self.env._("%s: other taxes", label)
