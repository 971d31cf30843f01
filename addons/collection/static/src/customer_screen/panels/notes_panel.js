import { Component, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { customerPanels, panelProps } from "../customer_panels";
import { day } from "../format";
import { PanelFrame } from "../panel_frame";

/** Notes at the customer and its invoices: read, add, pin. */
export class NotesPanel extends Component {
    static template = "collection.NotesPanel";
    static components = { PanelFrame };
    static props = panelProps;

    setup() {
        this.orm = useService("orm");
        this.day = day;
        this.state = useState({ text: "", busy: false });
    }

    async add() {
        const body = this.state.text.trim();
        if (!body || this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            await this.orm.call("collection.profile", "screen_add_note", [
                [this.props.screen.profileId],
                body,
            ]);
            this.state.text = "";
            await this.props.screen.reload(["notes"]);
        } finally {
            this.state.busy = false;
        }
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey)) {
            ev.preventDefault();
            this.add();
        }
    }

    async togglePin(note) {
        await this.orm.write("collection.note", [note.id], { pinned: !note.pinned });
        await this.props.screen.reload(["notes"]);
    }
}

customerPanels.add("notes", { Component: NotesPanel, area: "side" });
