import { CustomerScreen } from "@collection/customer_screen/customer_screen";
import { patch } from "@web/core/utils/patch";

patch(CustomerScreen.prototype, {
    /** Show what tonight's run would do with the customer; nothing is changed. */
    async simulate() {
        const action = await this.screen.orm.call("collection.profile", "action_simulate", [
            [this.screen.profileId],
        ]);
        return this.screen.doAction(action);
    },
});
