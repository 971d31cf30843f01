import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { Component, xml } from "@odoo/owl";
import {
    allowTranslations,
    contains,
    makeMockEnv,
    mountWithCleanup,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";
import { AgeingBar } from "@collection/customer_screen/ageing_bar";
import { arrangePanels, customerPanels } from "@collection/customer_screen/customer_panels";
import { ItemsPanel } from "@collection/customer_screen/panels/items_panel";
import { ageingClass, itemCount, lateness, money } from "@collection/customer_screen/format";

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

test("items in words", () => {
    allowTranslations();
    expect(String(itemCount(1))).toBe("1 item");
    expect(String(itemCount(3))).toBe("3 items");
});

test("amounts keep their order amid a language from right to left", async () => {
    await makeMockEnv();
    patchWithCleanup(localization, { direction: "rtl" });
    const amount = money(-12.5, 1);
    expect(amount.startsWith("\u2066")).toBe(true);
    expect(amount.endsWith("\u2069")).toBe(true);
    expect(amount).toInclude("12.50");
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

/** A customer screen as the server would give it, to a user with these rights. */
function anyScreen(rights) {
    const row = {
        id: 7,
        name: "INV/1",
        document: "INV/1",
        ref: "",
        side: "debit",
        move_id: 3,
        instalment: 1,
        instalment_count: 1,
        date_due: "2026-01-05",
        days_late: 4,
        amount: 100,
        amount_company: 100,
        currency_id: 1,
        company_currency_id: 1,
        blocks: [],
        kept_out: false,
        case: false,
    };
    return {
        data: { cases: { cases: [] }, money: { ageing: BUCKETS } },
        items: { filter: false, order: "due", rows: [row], count: 1, amount: 100, busy: false },
        rights,
    };
}

async function mountItems(rights) {
    const screen = anyScreen(rights);
    await mountWithCleanup(ItemsPanel, { props: { data: { currency_id: 1 }, screen } });
}

test("who works on items chooses some and acts on them", async () => {
    await mountItems({ open_case: true, items: true });
    await contains(".o_collection_item input[type=checkbox]").click();
    expect(".o_collection_selection button").toHaveCount(3);
});

test("who only reads items has nothing to tick", async () => {
    await mountItems({ open_case: false, items: false });
    expect(".o_collection_item").toHaveCount(1);
    expect(".o_collection_table input[type=checkbox]").toHaveCount(0);
});
