import { CustomerScreen } from "@collection/customer_screen/customer_screen";
import { ItemsPanel } from "@collection/customer_screen/panels/items_panel";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

patch(CustomerScreen.prototype, {
    /** Make a statement of account of the customer on the screen. */
    makeStatement() {
        return this.screen.openWizard("collection.statement.wizard", _t("Statement of Account"));
    },

    /** Ask for more time for what is overdue. */
    askExtension() {
        return this.screen.openWizard("collection.extension.wizard", _t("Ask for More Time"));
    },
});

patch(ItemsPanel.prototype, {
    /** Ask for more time for the selected items. */
    askExtension() {
        return this.props.screen.openItemsWizard(
            "collection.extension.wizard",
            _t("Ask for More Time"),
            this.selectedIds
        );
    },
});
