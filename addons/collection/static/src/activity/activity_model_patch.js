import { Activity } from "@mail/core/common/activity_model";
import { patch } from "@web/core/utils/patch";

/** @type {import("models").Activity} */
const activityPatch = {
    setup() {
        super.setup(...arguments);
        /**
         * Doing the activity asks for the contact it was.
         * @type {boolean}
         */
        this.collection_asks = false;
    },
    /** Open the dialog that asks for the contact; resolves once it is closed. */
    async logCollectionContact() {
        const { action, orm } = this.store.env.services;
        const dialog = await orm.call("mail.activity", "action_log_contact", [[this.id]]);
        await new Promise((resolve) => action.doAction(dialog, { onClose: resolve }));
        this.store.activityBroadcastChannel?.postMessage({
            type: "RELOAD_CHATTER",
            payload: { id: this.res_id, model: this.res_model },
        });
    },
};
patch(Activity.prototype, activityPatch);
