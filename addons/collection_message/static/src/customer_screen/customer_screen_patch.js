import { CustomerScreen } from "@collection/customer_screen/customer_screen";
import { ItemsPanel } from "@collection/customer_screen/panels/items_panel";
import { patch } from "@web/core/utils/patch";
import { writeAboutItems, writeMessage } from "./write_message";

patch(CustomerScreen.prototype, {
    /** Write to the customer on the screen. */
    writeMessage() {
        return writeMessage(this.screen);
    },
});

patch(ItemsPanel.prototype, {
    /** Write about the selected items. */
    writeMessage() {
        return writeAboutItems(this.props.screen, this.selectedIds);
    },
});
