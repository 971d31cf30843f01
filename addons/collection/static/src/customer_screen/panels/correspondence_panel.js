import { Component, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { customerPanels, panelProps } from "../customer_panels";
import { PanelFrame } from "../panel_frame";
import { StreamEntry } from "../stream_entry";

/** Everything said and written, on whatever document, in one stream. */
export class CorrespondencePanel extends Component {
    static template = "collection.CorrespondencePanel";
    static components = { PanelFrame, StreamEntry };
    static props = panelProps;

    setup() {
        this.orm = useService("orm");
        this.state = useState({ ...this.props.data, busy: false });
        onWillUpdateProps((next) => {
            if (next.data !== this.props.data) {
                this.refresh(next.data);
            }
        });
    }

    get kinds() {
        return [
            { key: false, label: _t("All") },
            { key: "log", label: _t("Contacts") },
            { key: "message", label: _t("Messages") },
        ];
    }

    /** Show what was read anew; a filtered stream is read again. */
    refresh(page) {
        if (this.state.kind) {
            return this.read();
        }
        Object.assign(this.state, page);
    }

    filter(kind) {
        this.state.kind = kind;
        return this.read();
    }

    async read(before = null) {
        this.state.busy = true;
        try {
            const page = await this.orm.call(
                "collection.profile",
                "get_screen_correspondence",
                [[this.props.screen.profileId]],
                { before, kind: this.state.kind || null }
            );
            Object.assign(this.state, page, {
                entries: before ? [...this.state.entries, ...page.entries] : page.entries,
            });
        } finally {
            this.state.busy = false;
        }
    }
}

customerPanels.add("correspondence", { Component: CorrespondencePanel, area: "stream" });
