import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { Component, xml } from "@odoo/owl";
import { allowTranslations, contains, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { AgeingBar } from "@collection/customer_screen/ageing_bar";
import { arrangePanels, customerPanels } from "@collection/customer_screen/customer_panels";
import { ageingClass, lateness } from "@collection/customer_screen/format";

defineMailModels();

class AnyPanel extends Component {
    static template = xml`<div/>`;
    static props = ["*"];
}

test("panels stand in their areas by the server's sequence", () => {
    customerPanels.add("test_late", { Component: AnyPanel, area: "side" });
    customerPanels.add("test_early", { Component: AnyPanel, area: "side" });
    customerPanels.add("test_main", { Component: AnyPanel });
    const areas = arrangePanels(
        [
            { key: "test_late", sequence: 20 },
            { key: "test_main", sequence: 15 },
            { key: "test_early", sequence: 10 },
        ],
        { test_late: {}, test_early: {}, test_main: {} }
    );
    expect(areas.map((area) => area.name)).toEqual(["main", "side"]);
    expect(areas[1].panels.map((panel) => panel.key)).toEqual(["test_early", "test_late"]);
    for (const key of ["test_late", "test_early", "test_main"]) {
        customerPanels.remove(key);
    }
});

test("a panel without data, or without a component, is not shown", () => {
    customerPanels.add("test_empty", { Component: AnyPanel });
    const panels = [
        { key: "test_empty", sequence: 1 },
        { key: "test_unknown", sequence: 2 },
    ];
    expect(arrangePanels(panels, { test_empty: false, test_unknown: {} })).toEqual([]);
    customerPanels.remove("test_empty");
});

test("lateness in words", () => {
    allowTranslations();
    expect(String(lateness(0))).toBe("Due today");
    expect(String(lateness(1))).toBe("1 day late");
    expect(String(lateness(12))).toBe("12 days late");
    expect(String(lateness(-3))).toBe("Due in 3 days");
});

const BUCKETS = [
    { key: "current", low: null, high: 0, amount: 100, count: 1 },
    { key: "1_30", low: 1, high: 30, amount: 0, count: 0 },
    { key: "over_30", low: 31, high: null, amount: 300, count: 2 },
];

test("colours follow the buckets", () => {
    expect(ageingClass(-5, BUCKETS)).toBe("o_collection_age_0");
    expect(ageingClass(30, BUCKETS)).toBe("o_collection_age_1");
    expect(ageingClass(31, BUCKETS)).toBe("o_collection_age_2");
});

test("the ageing bar shows what there is and filters by a click", async () => {
    await mountWithCleanup(AgeingBar, {
        props: {
            buckets: BUCKETS,
            currencyId: 1,
            selected: "current",
            onSelect: (key) => expect.step(key),
        },
    });
    expect(".o_collection_ageing_part").toHaveCount(2);
    expect(".o_collection_ageing_bucket").toHaveCount(3);
    expect(".o_collection_ageing_bucket.active").toHaveAttribute("data-bucket", "current");
    await contains(".o_collection_ageing_bucket[data-bucket=over_30]").click();
    expect.verifySteps(["over_30"]);
});
