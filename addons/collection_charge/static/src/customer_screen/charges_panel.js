import { Component } from "@odoo/owl";
import { customerPanels, panelProps } from "@collection/customer_screen/customer_panels";
import { CustomerScreen } from "@collection/customer_screen/customer_screen";
import { day, moment, money } from "@collection/customer_screen/format";
import { PanelFrame } from "@collection/customer_screen/panel_frame";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

/** The last charges of the customer: what became of them, why, and what follows. */
export class ChargesPanel extends Component {
    static template = "collection_charge.ChargesPanel";
    static components = { PanelFrame };
    static props = panelProps;

    setup() {
        Object.assign(this, { day, moment, money });
    }

    get moreText() {
        return _t("All %s", this.props.data.count);
    }

    get isCut() {
        return this.props.data.count > this.props.data.charges.length;
    }

    open(row) {
        return this.props.screen.openRecord("payment.charge.attempt", row.id);
    }

    async openAll() {
        const { screen } = this.props;
        const action = await screen.orm.call("collection.profile", "action_open_charges", [
            [screen.profileId],
        ]);
        return screen.doAction(action);
    }
}

customerPanels.add("charges", { Component: ChargesPanel, area: "side" });

patch(CustomerScreen.prototype, {
    /** Charge the customer on the screen: what is due is picked already. */
    async charge() {
        const { screen } = this;
        const action = await screen.orm.call("collection.profile", "action_charge", [
            [screen.profileId],
        ]);
        return screen.doAction(action);
    },
});
