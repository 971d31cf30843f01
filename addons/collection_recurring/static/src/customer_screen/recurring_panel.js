import { Component } from "@odoo/owl";
import { customerPanels, panelProps } from "@collection/customer_screen/customer_panels";
import { day, money } from "@collection/customer_screen/format";
import { PanelFrame } from "@collection/customer_screen/panel_frame";
import { _t } from "@web/core/l10n/translation";

/** What the customer pays for by standing order: how much, when next, by which way. */
export class RecurringPanel extends Component {
    static template = "collection_recurring.RecurringPanel";
    static components = { PanelFrame };
    static props = panelProps;

    setup() {
        Object.assign(this, { day, money });
    }

    get moreText() {
        return _t("All %s", this.props.data.count);
    }

    get isCut() {
        return this.props.data.count > this.props.data.documents.length;
    }

    unpaidText(row) {
        return row.unpaid === 1
            ? _t("1 period not collected")
            : _t("%s periods not collected", row.unpaid);
    }

    open(row) {
        return this.props.screen.openRecord("recurring.document", row.id);
    }

    async openAll() {
        const { screen } = this.props;
        const action = await screen.orm.call("collection.profile", "action_open_recurring", [
            [screen.profileId],
        ]);
        return screen.doAction(action);
    }
}

customerPanels.add("recurring", { Component: RecurringPanel, area: "side" });
