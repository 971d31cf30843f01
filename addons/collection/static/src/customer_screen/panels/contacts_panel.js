import { Component } from "@odoo/owl";
import { customerPanels, panelProps } from "../customer_panels";
import { PanelFrame } from "../panel_frame";

/** The people to speak to, the preferred one first. */
export class ContactsPanel extends Component {
    static template = "collection.ContactsPanel";
    static components = { PanelFrame };
    static props = panelProps;

    about(contact) {
        return [contact.job, contact.relation].filter(Boolean).join(" · ");
    }

    open(contact) {
        return this.props.screen.openRecord("res.partner", contact.id);
    }

    log(contact) {
        return this.props.screen.logContact({ contact_id: contact.id });
    }
}

customerPanels.add("contacts", { Component: ContactsPanel, area: "side" });
