import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";

const PROFILE = "collection.profile";

/**
 * What the customer screen knows and does. Panels get it as `props.screen`: they read `data`,
 * call its methods, and are rendered anew when something changes.
 */
export class CustomerScreenModel {
    /**
     * @param {Object} services
     * @param {Object} services.orm
     * @param {Object} services.action
     * @param {Object} services.notification
     */
    constructor({ orm, action, notification }) {
        this.orm = orm;
        this.action = action;
        this.notification = notification;
        this.keepLast = new KeepLast();
        this.profileId = false;
        this.name = "";
        this.panels = [];
        this.data = {};
        this.items = { filter: false, order: "due", rows: [], count: 0, amount: 0, busy: false };
        this.loading = false;
        this.error = false;
    }

    // -------------------------------------------------------------------------
    // Loading
    // -------------------------------------------------------------------------

    get ready() {
        return this.panels.length > 0;
    }

    get header() {
        return this.data.header || {};
    }

    get rights() {
        return this.header.rights || {};
    }

    /**
     * Show a customer.
     *
     * @param {number} profileId
     */
    async open(profileId) {
        if (profileId !== this.profileId) {
            Object.assign(this, { profileId, panels: [], data: {}, error: false });
            Object.assign(this.items, { filter: false, order: "due", rows: [], count: 0 });
        }
        await this.reload();
    }

    /**
     * Read the screen again.
     *
     * @param {string[]} [keys] only these panels
     */
    async reload(keys) {
        this.loading = true;
        try {
            const screen = await this.keepLast.add(
                this.orm.silent.call(PROFILE, "get_customer_screen", [[this.profileId]], { keys })
            );
            this.error = false;
            this.name = screen.name;
            this.panels = screen.panels;
            Object.assign(this.data, screen.data);
            if (screen.data.items) {
                await this.showItems(screen.data.items);
            }
        } catch (error) {
            if (!this.refuse(error)) {
                throw error;
            }
        } finally {
            this.loading = false;
        }
    }

    /** Tell on the screen that the customer cannot be shown, instead of in a dialog. */
    refuse(error) {
        const refusals = {
            "odoo.exceptions.AccessError": _t("This customer is looked after by somebody else."),
            "odoo.exceptions.MissingError": _t("This customer does not exist any more."),
        };
        this.error = refusals[error.exceptionName] || false;
        return Boolean(this.error);
    }

    // -------------------------------------------------------------------------
    // Open items
    // -------------------------------------------------------------------------

    /** Show a freshly read first page, or read again what the user had filtered. */
    async showItems(page) {
        const { filter, order, rows } = this.items;
        if (!filter && order === "due" && rows.length <= page.items.length) {
            this.putItems(page);
        } else {
            await this.readItems({ limit: Math.max(rows.length, page.items.length) });
        }
    }

    putItems(page, append = false) {
        const { count, amount, items } = page;
        Object.assign(this.items, {
            count,
            amount,
            rows: append ? [...this.items.rows, ...items] : items,
        });
    }

    /**
     * Filter the open items: by a bucket of the ageing, "credits", "blocked", "free"; the same
     * filter again lifts it.
     *
     * @param {string|false} filter
     */
    async filterItems(filter) {
        this.items.filter = this.items.filter === filter ? false : filter;
        await this.readItems();
    }

    /** @param {string} order "due", "document" or "amount" */
    async orderItems(order) {
        this.items.order = order;
        await this.readItems();
    }

    async moreItems() {
        await this.readItems({ offset: this.items.rows.length });
    }

    async readItems(page = {}) {
        this.items.busy = true;
        try {
            const { filter, order } = this.items;
            const answer = await this.orm.call(PROFILE, "get_screen_items", [[this.profileId]], {
                filter_key: filter || null,
                order,
                ...page,
            });
            this.putItems(answer, Boolean(page.offset));
        } finally {
            this.items.busy = false;
        }
    }

    // -------------------------------------------------------------------------
    // Actions
    // -------------------------------------------------------------------------

    /**
     * Open an action; a dialog reloads the screen when it closes.
     *
     * @param {Object|string} action
     * @param {Object} [options]
     */
    doAction(action, options = {}) {
        return this.action.doAction(action, { onClose: () => this.reload(), ...options });
    }

    /**
     * Open a record, as the whole page.
     *
     * @param {string} model
     * @param {number} id
     */
    openRecord(model, id) {
        return this.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    /** Open a wizard in a dialog. */
    openWizard(model, name, context = {}) {
        return this.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: model,
            views: [[false, "form"]],
            target: "new",
            context: {
                active_model: PROFILE,
                active_id: this.profileId,
                active_ids: [this.profileId],
                ...context,
            },
        });
    }

    /**
     * Log a contact, with the customer's only open case unless one is named.
     *
     * @param {Object} [values] of `case_id`, `contact_id`, `channel`
     */
    logContact(values = {}) {
        const cases = (this.data.cases?.cases || []).filter((row) => row.state !== "completed");
        const defaults = { profile_id: this.profileId, ...values };
        if (!defaults.case_id && cases.length) {
            defaults.case_id = cases[0].id;
        }
        const context = {};
        for (const [name, value] of Object.entries(defaults)) {
            context[`default_${name}`] = value;
        }
        return this.openWizard("collection.contact.log.wizard", _t("Log a Contact"), context);
    }

    /**
     * Open a case, or add to the open one, with some items or with all that are overdue.
     *
     * @param {number[]} [itemIds]
     */
    async openCase(itemIds) {
        const answer = await this.orm.call(PROFILE, "screen_open_case", [[this.profileId]], {
            item_ids: itemIds || null,
        });
        if (answer.action) {
            return this.doAction(answer.action);
        }
        this.notification.add(answer.message, { type: answer.case_id ? "success" : "warning" });
        await this.reload();
    }

    /**
     * @param {number} caseId
     * @param {number[]} itemIds
     */
    async addToCase(caseId, itemIds) {
        await this.orm.call(PROFILE, "screen_add_to_case", [[this.profileId]], {
            case_id: caseId,
            item_ids: itemIds,
        });
        await this.reload();
    }

    /** Open a wizard on some of the open items. */
    openItemsWizard(model, name, itemIds) {
        return this.openWizard(model, name, {
            active_model: "collection.item",
            active_id: itemIds[0],
            active_ids: itemIds,
        });
    }

    newAdvance() {
        return this.openWizard("collection.case.amount.wizard", _t("New Advance"));
    }

    /** Put the customer on hold, or lift the hold. */
    async toggleHold() {
        if (!this.header.hold) {
            return this.openWizard("collection.profile.hold.wizard", _t("Put on Hold"));
        }
        await this.orm.write(PROFILE, [this.profileId], {
            hold: false,
            hold_reason: false,
            hold_until: false,
        });
        await this.reload();
    }

    openPartner() {
        return this.openRecord("res.partner", this.header.partner_id);
    }
}
