import { Component } from "@odoo/owl";
import { customerPanels, panelProps } from "../customer_panels";

/** What to know before calling: credits, post-dated payments, a hold. */
export class AlertsPanel extends Component {
    static template = "collection.AlertsPanel";
    static props = panelProps;

    isLink(alert) {
        return Boolean(alert.filter || alert.action);
    }

    onClick(alert) {
        if (alert.action) {
            return this.props.screen.doAction(alert.action);
        }
        return this.props.screen.filterItems(alert.filter);
    }
}

customerPanels.add("alerts", { Component: AlertsPanel, area: "top" });
