import { Component } from "@odoo/owl";
import { AgeingBar } from "../ageing_bar";
import { customerPanels, panelProps } from "../customer_panels";
import { lateness, money } from "../format";
import { PanelFrame } from "../panel_frame";

/** What is owed: totals, how long it has been due, and per currency of the documents. */
export class MoneyPanel extends Component {
    static template = "collection.MoneyPanel";
    static components = { AgeingBar, PanelFrame };
    static props = panelProps;

    setup() {
        this.lateness = lateness;
    }

    amount(value) {
        return money(value, this.props.data.currency_id);
    }

    money(value, currencyId) {
        return money(value, currencyId);
    }
}

customerPanels.add("money", { Component: MoneyPanel, area: "main" });
