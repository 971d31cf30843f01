import { Component } from "@odoo/owl";
import { customerPanels, panelProps } from "@collection/customer_screen/customer_panels";
import { PanelFrame } from "@collection/customer_screen/panel_frame";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { writeMessage } from "./write_message";

/** Whether the customer may be contacted now, by which channel, and why not; and the way to write. */
export class GatePanel extends Component {
    static template = "collection_message.GatePanel";
    static components = { PanelFrame };
    static props = panelProps;

    moment(value) {
        return formatDateTime(deserializeDateTime(value));
    }

    canUse(row) {
        return row.channel === "phone"
            ? this.props.screen.rights.log_contact
            : this.props.data.may_write;
    }

    use(row) {
        if (row.channel === "phone") {
            const values = { channel: "phone" };
            if (row.person) {
                values.contact_id = row.person.id;
            }
            return this.props.screen.logContact(values);
        }
        return writeMessage(this.props.screen, { channel: row.channel });
    }
}

customerPanels.add("gate", { Component: GatePanel, area: "side" });
