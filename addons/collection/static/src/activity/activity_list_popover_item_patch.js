import { ActivityListPopoverItem } from "@mail/core/web/activity_list_popover_item";
import { patch } from "@web/core/utils/patch";

patch(ActivityListPopoverItem.prototype, {
    /** @override a contact says more than the host's feedback */
    async onClickMarkAsDone() {
        const { activity, onActivityChanged, onClickEditActivityButton } = this.props;
        if (!activity.collection_asks) {
            return super.onClickMarkAsDone(...arguments);
        }
        onClickEditActivityButton?.();
        await activity.logCollectionContact();
        onActivityChanged?.();
    },
});
