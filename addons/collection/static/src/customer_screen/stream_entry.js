import { Component, markup, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { day, moment, money } from "./format";

const ICONS = {
    activity: "fa-check-square-o",
    chat: "fa-comments-o",
    email: "fa-envelope-o",
    letter: "fa-file-text-o",
    meeting: "fa-handshake-o",
    note: "fa-pencil",
    phone: "fa-phone",
    portal: "fa-globe",
    sms: "fa-mobile",
};

/** One message or one recorded contact of the correspondence. */
export class StreamEntry extends Component {
    static template = "collection.StreamEntry";
    static props = { entry: Object, screen: Object };

    setup() {
        this.orm = useService("orm");
        this.day = day;
        this.moment = moment;
        this.money = money;
        this.state = useState({ body: false, busy: false });
    }

    get icon() {
        return ICONS[this.props.entry.channel] || "fa-circle-o";
    }

    get channel() {
        const { channel, channel_label: label } = this.props.entry;
        const labels = {
            activity: _t("Activity done"),
            email: _t("E-mail"),
            letter: _t("Letter"),
            note: _t("Internal note"),
            sms: _t("SMS"),
        };
        return label || labels[channel] || "";
    }

    get direction() {
        const { direction, direction_label: label } = this.props.entry;
        return label || { in: _t("received"), out: _t("sent") }[direction] || "";
    }

    get duration() {
        const { duration } = this.props.entry;
        return duration ? _t("%s min", Math.round(duration)) : "";
    }

    /** Where a click on the document leads. */
    openDocument() {
        const { entry, screen } = this.props;
        if (entry.kind === "log") {
            return screen.openRecord("collection.case", entry.case.id);
        }
        return screen.openRecord(entry.model, entry.res_id);
    }

    /** Read and show the whole message, or fold it again. */
    async toggleBody() {
        if (this.state.body) {
            this.state.body = false;
            return;
        }
        this.state.busy = true;
        try {
            const [message] = await this.orm.read(
                "mail.message",
                [this.props.entry.id],
                ["body"]
            );
            // the server cleans the body of every message it stores
            this.state.body = markup(message.body);
        } finally {
            this.state.busy = false;
        }
    }
}
