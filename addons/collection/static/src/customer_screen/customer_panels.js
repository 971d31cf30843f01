import { registry } from "@web/core/registry";

/**
 * The panels of the customer screen. A panel is registered under the key its data comes under
 * (see `_get_screen_panels` on `collection.profile`):
 *
 *     registry.category("collection_customer_panels").add("promises", {
 *         Component: PromisesPanel,  // gets the props of `panelProps`
 *         area: "side",              // "top", "main", "side" or "stream"
 *     });
 *
 * Its place in the area is the sequence the server gives; a panel whose data is absent or false
 * is not shown.
 */
export const customerPanels = registry.category("collection_customer_panels");

export const AREAS = ["top", "main", "side", "stream"];

/** The props every panel gets. */
export const panelProps = {
    data: { type: [Object, Array] },
    screen: { type: Object },
};

/**
 * Put the panels that have data in their areas, in order.
 *
 * @param {{key: string, sequence: number}[]} panels
 * @param {Object} data panel key → data
 * @returns {{name: string, panels: Object[]}[]} the areas that have panels
 */
export function arrangePanels(panels, data) {
    return AREAS.map((name) => ({
        name,
        panels: panels
            .filter(({ key }) => data[key] && customerPanels.contains(key))
            .map((panel) => ({ ...panel, ...customerPanels.get(panel.key) }))
            .filter((panel) => (panel.area || "main") === name)
            .sort((one, other) => one.sequence - other.sequence),
    })).filter((area) => area.panels.length);
}
