import { _t } from "@web/core/l10n/translation";

/**
 * Open the dialog that writes to the customer of a screen.
 *
 * @param {Object} screen a `CustomerScreenModel`
 * @param {Object} [defaults] values of the dialog, such as `channel`
 */
export function writeMessage(screen, defaults = {}) {
    const context = {};
    for (const [name, value] of Object.entries(defaults)) {
        context[`default_${name}`] = value;
    }
    return screen.openWizard("collection.message.compose", _t("Write to the Customer"), context);
}

/**
 * Open the dialog about some of the open items.
 *
 * @param {Object} screen a `CustomerScreenModel`
 * @param {number[]} itemIds
 */
export function writeAboutItems(screen, itemIds) {
    return screen.openItemsWizard(
        "collection.message.compose",
        _t("Write to the Customer"),
        itemIds
    );
}
