import { Component } from "@odoo/owl";
import { customerPanels, panelProps } from "../customer_panels";
import { day, money } from "../format";
import { PanelFrame } from "../panel_frame";

/** The payments the customer agreed to and that have not come in yet. */
export class AgreedPanel extends Component {
    static template = "collection.AgreedPanel";
    static components = { PanelFrame };
    static props = panelProps;

    setup() {
        this.day = day;
        this.money = money;
    }
}

customerPanels.add("agreed", { Component: AgreedPanel, area: "side" });
