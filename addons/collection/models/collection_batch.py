# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class CollectionBatch(models.Model):
    """One operation on many cases: what was done, to which, what was before; it can be undone."""

    _name = "collection.batch"
    _description = "Bulk Operation"
    _order = "id desc"
    _check_company_auto = True

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    name = fields.Char("Operation", required=True, readonly=True, help="What was done, in words.")
    company_id = fields.Many2one(
        "res.company",
        "Company",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    kind = fields.Selection(
        [("open", "Open Cases"), ("assign", "Assign"), ("hand_over", "Hand Over")],
        "Kind",
        required=True,
        readonly=True,
        help="What the operation did to all its cases.",
    )
    date = fields.Datetime(
        "Date",
        required=True,
        readonly=True,
        default=fields.Datetime.now,
        help="When the operation was done.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Done by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        help="The person who did it.",
    )
    from_user_id = fields.Many2one(
        "res.users", "From", readonly=True, help="Whose work was handed over."
    )
    to_user_id = fields.Many2one(
        "res.users", "To", readonly=True, help="The debt manager who got the cases."
    )
    to_team_id = fields.Many2one(
        "collection.team", "To Team", readonly=True, help="The team that got the cases."
    )
    reason = fields.Char("Reason", readonly=True, help="Why it was done, as its doer put it.")
    line_ids = fields.One2many("collection.batch.line", "batch_id", "Lines", readonly=True)
    case_count = fields.Integer(
        "Cases", compute="_compute_counts", help="Cases that the operation opened or assigned."
    )
    customer_count = fields.Integer(
        "Customers",
        compute="_compute_counts",
        help="Customers who got a new debt manager with the operation.",
    )
    left_count = fields.Integer(
        "Left",
        compute="_compute_counts",
        help="Lines that undoing left as they are, because somebody had worked on them.",
    )
    state = fields.Selection(
        [("done", "Done"), ("undone", "Undone"), ("partly", "Partly Undone")],
        "State",
        required=True,
        readonly=True,
        default="done",
        help="Partly undone: something was left, because somebody had worked on it.",
    )
    undone_on = fields.Datetime("Undone on", readonly=True, help="When the operation was undone.")
    undone_by = fields.Many2one(
        "res.users", "Undone by", readonly=True, help="Who undid the operation."
    )
    undo_message = fields.Text(
        "What Undoing Did", readonly=True, help="What was put back and what was left, and why."
    )
    # everything with a higher id came after the operation
    last_contact_id = fields.Integer("Last Contact Before", readonly=True)
    last_transition_id = fields.Integer("Last State Change Before", readonly=True)

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("line_ids.kind", "line_ids.state")
    def _compute_counts(self):
        groups = self.env["collection.batch.line"]._read_group(
            [("batch_id", "in", self.ids)], ["batch_id", "kind", "state"], ["__count"]
        )
        counts = {}
        for batch, kind, state, count in groups:
            names = {"customer": ["customer_count"], "activity": []}.get(kind, ["case_count"])
            for name in [*names, *(["left_count"] if state == "left" else [])]:
                counts[batch, name] = counts.get((batch, name), 0) + count
        for batch in self:
            for name in ("case_count", "customer_count", "left_count"):
                batch[name] = counts.get((batch, name), 0)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_cases(self):
        """Show the cases of the operation."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("collection.action_case")
        action["domain"] = [("id", "in", self.line_ids.case_id.ids)]
        action["context"] = {}
        action["display_name"] = self.name
        return action

    def action_open_batch(self):
        """Show the operation itself."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def action_undo(self):
        """Put back what nobody touched since, and tell what was left and why."""
        for batch in self:
            batch._undo()
        return True

    # ------------------------------------------------------------
    # DOING
    # ------------------------------------------------------------

    @api.model
    def _start(self, vals):
        """Create the row of an operation about to be done."""
        return self.create(vals)

    def _finish(self):
        """Note where the records of other people's work begin."""
        self.ensure_one()
        # sudo: the highest numbers in use, whoever may see the rows
        contact = self.env["collection.contact.log"].sudo().search([], order="id desc", limit=1)
        moved = self.env["collection.case.transition"].sudo().search([], order="id desc", limit=1)
        self.write({"last_contact_id": contact.id, "last_transition_id": moved.id})
        return self

    @api.model
    def _assign(self, company, shares, *, kind="assign", reason=None, activities=True, **vals):
        """Give cases and customers to people, as one operation that can be undone.

        :param shares: list of (user, team, cases, profiles); ``user`` may be empty: the cases
            then wait in the team for somebody to take them
        :param bool activities: planned next steps of the former debt manager go along
        :param vals: ``from_user_id``, ``to_user_id``, ``to_team_id`` for the row
        :return: the ``collection.batch``
        """
        cases = self.env["collection.case"].browse().union(*(share[2] for share in shares))
        batch = self._start({
            "company_id": company.id,
            "kind": kind,
            "reason": reason,
            "name": self._assign_name(kind, shares, **vals),
            **vals,
        })
        lines, heirs = [], {}
        for user, team, share_cases, profiles in shares:
            target = {"to_user_id": user.id, "to_team_id": team.id}
            # the steps of somebody who leaves cannot wait until the team has found a person
            heir = user or (team.leader_id if kind == "hand_over" else user)
            heirs.update(dict.fromkeys(share_cases, heir))
            lines += [
                {
                    "kind": "case",
                    "case_id": case.id,
                    "profile_id": case.profile_id.id,
                    "amount": case.amount_to_collect,
                    "from_user_id": case.debt_manager_id.id,
                    "from_team_id": case.team_id.id,
                    **target,
                }
                for case in share_cases
            ]
            lines += [
                {
                    "kind": "customer",
                    "profile_id": profile.id,
                    "from_user_id": profile.debt_manager_id.id,
                    "from_team_id": profile.team_id.id,
                    **target,
                }
                for profile in profiles
            ]
        steps = batch._steps_by_heir(heirs) if activities else {}
        # sudo: the customer of a case on which a colleague had planned a step
        Case = self.env["collection.case"].sudo()
        lines += [
            {
                "kind": "activity",
                "case_id": activity.res_id,
                "profile_id": Case.browse(activity.res_id).profile_id.id,
                "activity_id": activity.id,
                "from_user_id": activity.user_id.id,
                "to_user_id": user.id,
            }
            for user, own in steps.items()
            for activity in own
        ]
        self.env["collection.batch.line"].sudo().create(  # sudo: lines are never written by hand
            [{"batch_id": batch.id, **line} for line in lines]
        )
        quiet = {"tracking_disable": True, "mail_auto_subscribe_no_notify": True}
        for user, team, share_cases, profiles in shares:
            owner = {"debt_manager_id": user.id, "team_id": team.id}
            share_cases.with_context(**quiet).write(owner)
            profiles.with_context(**quiet).write(owner)
        for user, own in steps.items():
            own.with_context(mail_activity_quick_update=True).write({"user_id": user.id})
        batch._log_on_cases(cases, batch.name)
        return batch._finish()

    def _steps_by_heir(self, heirs):
        """Return {user: planned steps this user takes over}.

        :param dict heirs: case → the user who gets it, empty where nobody does yet
        """
        self.ensure_one()
        # sudo: the next step follows the case to its new debt manager, whoever planned it
        Activity = self.env["mail.activity"].sudo()
        cases = {case.id: case for case in heirs}
        on_cases = Domain("res_model", "=", "collection.case")
        owners = {case.debt_manager_id.id for case in heirs}
        moving = Activity.search(
            on_cases & Domain("res_id", "in", list(cases)) & Domain("user_id", "in", list(owners))
        )
        steps = {}
        for activity in moving:
            case = cases[activity.res_id]
            if heirs[case] and activity.user_id == case.debt_manager_id:
                steps[heirs[case]] = steps.get(heirs[case], Activity) | activity
        if self.kind == "hand_over" and self.to_user_id:
            # the person's steps on cases of colleagues, which stay with them
            open_cases = (
                self
                .env["collection.case"]
                .sudo()
                ._search([
                    ("company_id", "=", self.company_id.id),
                    ("state", "!=", "completed"),
                    ("id", "not in", list(cases)),
                ])
            )
            steps[self.to_user_id] = steps.get(self.to_user_id, Activity) | Activity.search(
                on_cases
                & Domain("res_id", "in", open_cases)
                & Domain("user_id", "=", self.from_user_id.id)
            )
        return steps

    def _assign_name(self, kind, shares, **vals):
        """Say in words what an assignment does."""
        users = self.env["res.users"].browse().union(*(share[0] for share in shares))
        count = sum(len(share[2]) for share in shares)
        to_team = self.env["collection.team"].browse(vals.get("to_team_id") or [])
        target = (
            users.name
            if len(users) == 1
            else to_team.display_name or self.env._("%s people", len(users))
        )
        if kind == "hand_over":
            return self.env._(
                "Hand over the work of %(person)s to %(target)s (%(count)s cases)",
                person=self.env["res.users"].browse(vals["from_user_id"]).name,
                target=target,
                count=count,
            )
        return self.env._("Assign %(count)s cases to %(target)s", count=count, target=target)

    @api.model
    def _open(self, company, profiles, items, *, user=None, team=None, reason=None):
        """Open cases for many customers at once, as one operation that can be undone.

        :param items: the open items that go into the cases
        :return: the ``collection.batch``
        """
        Case = self.env["collection.case"]
        known = profiles.open_case_ids
        team_of_user = user.collection_team_ids[:1] if user else None
        cases = Case.with_context(tracking_disable=True)._open_for(profiles, items=items)
        opened = cases - known
        if user or team:
            vals = {}
            if user:
                vals["debt_manager_id"] = user.id
            # of a user in no team the cases stay in the customer's team
            if team or team_of_user:
                vals["team_id"] = (team or team_of_user).id
            opened.with_context(tracking_disable=True).write(vals)
        batch = self._start({
            "company_id": company.id,
            "kind": "open",
            "reason": reason,
            "to_user_id": user.id if user else False,
            "to_team_id": team.id if team else False,
            "name": self.env._(
                "Open %(opened)s cases, add to %(joined)s",
                opened=len(opened),
                joined=len(cases - opened),
            )
            if cases - opened
            else self.env._("Open %s cases", len(opened)),
        })
        memberships = self.env["collection.case.item"].search([
            ("case_id", "in", cases.ids),
            ("item_id", "in", items.ids),
            ("open", "=", True),
        ])
        members = memberships.grouped("case_id")
        amounts = {case: sum(own.mapped("amount_residual")) for case, own in members.items()}
        self.env["collection.batch.line"].sudo().create([  # sudo: lines are never written by hand
            {
                "batch_id": batch.id,
                "kind": "opened" if case in opened else "joined",
                "case_id": case.id,
                "profile_id": case.profile_id.id,
                "amount": amounts.get(case, 0.0),
                "case_item_ids": [(6, 0, members.get(case, memberships.browse()).ids)],
                "to_user_id": case.debt_manager_id.id,
                "to_team_id": case.team_id.id,
            }
            for case in cases
        ])
        batch._log_on_cases(cases, batch.name)
        return batch._finish()

    def _log_on_cases(self, cases, text):
        """Leave a note of the operation on its cases."""
        body = f"{text}: {self.reason}" if self.reason else text
        cases._message_log_batch(bodies=dict.fromkeys(cases.ids, body))

    # ------------------------------------------------------------
    # UNDOING
    # ------------------------------------------------------------

    def _undo(self):
        """Undo one operation, line by line, except what somebody touched since."""
        self.ensure_one()
        if self.state != "done":
            raise UserError(self.env._("%s has been undone already.", self.name))
        self.check_access("write")
        # sudo: whoever may undo the operation puts all of it back, also what is now with people
        # whose work is not shown to them; lines are never written by hand
        lines = self.sudo().line_ids.filtered(lambda line: line.state == "done")
        reasons = self._reasons_to_leave(lines)
        back = lines.filtered(lambda line: line.id not in reasons)
        self._put_back(back)
        left = lines - back
        back.write({"state": "undone"})
        by_reason = left.grouped(lambda line: reasons[line.id])
        for text, own in by_reason.items():
            own.write({"state": "left", "left_reason": text})
        self.write({
            "state": "partly" if left else "undone",
            "undone_on": fields.Datetime.now(),
            "undone_by": self.env.uid,
            "undo_message": self._undo_text(back, by_reason),
        })
        self._log_on_cases(back.case_id, self.env._("Undone: %s", self.name))

    def _undo_text(self, back, by_reason):
        """Tell what was put back and what was left."""
        texts = [
            self.env._("%(back)s of %(all)s put back.", back=len(back), all=len(self.line_ids))
        ]
        for text, own in by_reason.items():
            names = sorted({line.display_name for line in own})
            shown = ", ".join(names[:10])
            if len(names) > 10:
                shown = self.env._("%(names)s and %(more)s more", names=shown, more=len(names) - 10)
            texts.append(f"{text}: {shown}")
        return "\n".join(texts)

    def _reasons_to_leave(self, lines):
        """Return {line id: why it is left} for the lines that somebody touched since."""
        cases = lines.case_id
        worked = self._worked_on_since(cases)
        reasons = {}
        texts = {
            "worked": self.env._("Worked on since"),
            "assigned": self.env._("Assigned to somebody else since"),
            "completed": self.env._("Completed since"),
            "items": self.env._("Its items changed since"),
            "gone": self.env._("No longer there"),
        }
        for line in lines:
            reason = line._reason_to_leave(worked)
            if reason:
                reasons[line.id] = texts[reason]
        return reasons

    def _worked_on_since(self, cases):
        """Return the cases somebody recorded a contact on, or moved, after the operation."""
        by_people = Domain("case_id", "in", cases.ids)
        # sudo: that somebody worked on it, not what
        contacts = (
            self
            .env["collection.contact.log"]
            .sudo()
            .search(by_people & Domain("id", ">", self.last_contact_id))
        )
        moves = (
            self
            .env["collection.case.transition"]
            .sudo()
            .search(
                by_people
                & Domain("id", ">", self.last_transition_id)
                & Domain("cause", "in", ("user", "activity", "outcome", "merge"))
            )
        )
        return contacts.case_id | moves.case_id

    def _put_back(self, lines):
        """Put the lines back to what was before, in as few writes as there were owners."""
        quiet = {"tracking_disable": True, "mail_auto_subscribe_no_notify": True}
        by_kind = lines.grouped("kind")
        empty = lines.browse()
        owners = {"case": "case_id", "customer": "profile_id"}
        for kind, name in owners.items():
            groups = by_kind.get(kind, empty).grouped(
                lambda line: (line.from_user_id, line.from_team_id)
            )
            for (user, team), own in groups.items():
                own[name].with_context(**quiet).write({
                    "debt_manager_id": user.id,
                    "team_id": team.id,
                })
        steps = by_kind.get("activity", empty).grouped("from_user_id")
        for user, own in steps.items():
            # sudo: the next step goes back with its case
            own.activity_id.sudo().with_context(mail_activity_quick_update=True).write({
                "user_id": user.id
            })
        until = fields.Date.add(
            self.company_id._collection_today(), days=self.company_id.collection_keep_out_days
        )
        opened = by_kind.get("opened", empty).case_id
        if opened:
            opened.with_context(**quiet)._close(
                "cancelled",
                self.env._("Undone: %s", self.name),
                keep_out_until=until,
                cause="batch",
            )
        memberships = by_kind.get("joined", empty).case_item_ids.filtered("open")
        if memberships:
            items = memberships.item_id
            memberships._leave("removed")
            items._keep_out(until, self.env._("Undone: %s", self.name))
