import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { customerPanels, panelProps } from "../customer_panels";
import { day, money } from "../format";
import { PanelFrame } from "../panel_frame";

/** What is on its way, the last receipts, and the attempts that failed. */
export class PaymentsPanel extends Component {
    static template = "collection.PaymentsPanel";
    static components = { PanelFrame };
    static props = panelProps;

    setup() {
        this.day = day;
        this.money = money;
    }

    /** When a receipt came, against the due dates of what it settled. */
    timing({ days }) {
        if (days === null) {
            return "";
        }
        if (days === 0) {
            return _t("on time");
        }
        return days > 0 ? _t("%s days late", days) : _t("%s days early", -days);
    }

    open(payment) {
        if (payment.payment_id) {
            return this.props.screen.openRecord("account.payment", payment.payment_id);
        }
        if (payment.move_id) {
            return this.props.screen.openRecord("account.move", payment.move_id);
        }
    }
}

customerPanels.add("payments", { Component: PaymentsPanel, area: "side" });
