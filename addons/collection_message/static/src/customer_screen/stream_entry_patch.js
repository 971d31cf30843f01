import { StreamEntry } from "@collection/customer_screen/stream_entry";
import { patch } from "@web/core/utils/patch";

patch(StreamEntry.prototype, {
    /** Whether somebody still has to see to this mail, and the user may. */
    get mayHandle() {
        const { entry, screen } = this.props;
        return Boolean(entry.incoming?.unread && screen.rights.handle_incoming);
    },

    /** Open the mail with all that can be done about it. */
    openIncoming() {
        return this.props.screen.openRecord("collection.incoming", this.props.entry.incoming.id);
    },

    async incomingDone() {
        this.state.busy = true;
        try {
            await this.orm.call("collection.incoming", "action_done", [
                [this.props.entry.incoming.id],
            ]);
            await this.props.screen.reload();
        } finally {
            this.state.busy = false;
        }
    },

    async replyToIncoming() {
        const action = await this.orm.call("collection.incoming", "action_reply", [
            [this.props.entry.incoming.id],
        ]);
        return this.props.screen.doAction(action);
    },
});
