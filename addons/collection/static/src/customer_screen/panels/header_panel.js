import { Component } from "@odoo/owl";
import { customerPanels, panelProps } from "../customer_panels";

/** Who the customer is, and who looks after it. */
export class HeaderPanel extends Component {
    static template = "collection.HeaderPanel";
    static props = panelProps;

    get avatar() {
        return `/web/image/res.partner/${this.props.data.partner_id}/avatar_128`;
    }

    get address() {
        return this.props.data.address.join(", ");
    }
}

customerPanels.add("header", { Component: HeaderPanel, area: "top" });
