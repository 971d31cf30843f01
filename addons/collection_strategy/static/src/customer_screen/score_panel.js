import { Component } from "@odoo/owl";
import { customerPanels, panelProps } from "@collection/customer_screen/customer_panels";
import { PanelFrame } from "@collection/customer_screen/panel_frame";

/** The score of the customer, and each rule that gives points, in words. */
export class ScorePanel extends Component {
    static template = "collection_strategy.ScorePanel";
    static components = { PanelFrame };
    static props = panelProps;

    openStrategy() {
        return this.props.screen.openRecord(
            "collection.strategy",
            this.props.data.strategy.id
        );
    }
}

customerPanels.add("score", { Component: ScorePanel, area: "side" });
