import { Component } from "@odoo/owl";

/** The frame around a panel: title, count, buttons, content, and what to say when empty. */
export class PanelFrame extends Component {
    static template = "collection.PanelFrame";
    static props = {
        title: String,
        name: String,
        icon: { type: String, optional: true },
        count: { type: [Number, String], optional: true },
        empty: { type: String, optional: true },
        isEmpty: { type: Boolean, optional: true },
        slots: { type: Object, optional: true },
    };

    get titleId() {
        return `o_collection_panel_${this.props.name}_title`;
    }
}
