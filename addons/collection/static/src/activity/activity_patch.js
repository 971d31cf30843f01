import { Activity } from "@mail/core/web/activity";
import { patch } from "@web/core/utils/patch";

patch(Activity.prototype, {
    /** @override a contact says more than the host's feedback */
    async onClickMarkAsDone() {
        if (!this.props.activity.collection_asks) {
            return super.onClickMarkAsDone(...arguments);
        }
        const thread = this.thread;
        await this.props.activity.logCollectionContact();
        this.props.onActivityChanged(thread);
        // the state, the agreed payment and the next step stand on the form
        this.props.reloadParentView();
    },
});
