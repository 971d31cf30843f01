import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, describe, expect, press, test } from "@odoo/hoot";
import { advanceTime, animationFrame, Deferred } from "@odoo/hoot-mock";
import {
    allowTranslations,
    asyncStep,
    contains,
    getService,
    MockServer,
    mockService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
    waitForSteps,
} from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { WebClient } from "@web/webclient/webclient";
import { nameOfKey } from "@collection_strategy/worklist/worklist_keys";
import {
    duration,
    hour,
    phoneUrl,
    scoreText,
} from "@collection_strategy/worklist/worklist_words";

describe.current.tags("desktop");
defineMailModels();

const BUTTONS = [
    { name: "call", label: "Call", key: "c", icon: "fa-phone", hidden: true },
    { name: "log", label: "Log the call", key: "l", icon: "fa-phone" },
    { name: "skip", label: "Skip", key: "s", icon: "fa-step-forward" },
    { name: "done", label: "Done", key: "d", icon: "fa-check" },
    { name: "open", label: "Customer", key: "o", icon: "fa-user-o" },
];

function makeRow(id, vals = {}) {
    return {
        id,
        kind: "call",
        kind_label: "Call",
        icon: "fa-phone",
        profile_id: id,
        customer: `Customer ${id}`,
        company: false,
        person: { id, name: "Anna", is_customer: false, phone: "+30 210 12-34", email: "" },
        score: 62,
        reasons: [
            { text: "45 days late", points: 20 },
            { text: "broke 2 promises", points: 30 },
            { text: "new customer", points: -5 },
        ],
        why: "45 days late",
        planned_for: "2026-01-05",
        time: false,
        waits_days: 0,
        resubmitted: 0,
        amount: 100,
        currency_id: 1,
        days_late: 45,
        minutes: 5,
        responsible: { id: 7, name: "Noa" },
        ...vals,
    };
}

function makeDetail(row) {
    return {
        id: row.id,
        row,
        case: false,
        script: {
            id: 1,
            name: "First call",
            html: "<p>Good day</p>",
            lang: "en_US",
            languages: [{ code: "en_US", name: "English" }],
        },
        items: [],
        item_count: 0,
        last_contact: false,
        agreed: [],
        gate: false,
        mail: false,
        history: [],
        buttons: BUTTONS,
    };
}

let rows;
let doneToday;

beforeEach(() => {
    rows = [makeRow(1), makeRow(2), makeRow(3)];
    doneToday = 0;
    onRpc("collection.worklist", "get_worklist", ({ kwargs }) => {
        const row = rows.find(({ id }) => id === kwargs.selected_id) || rows[0];
        return {
            rows: [...rows],
            offset: 0,
            count: rows.length,
            left: rows.length,
            minutes_left: 5 * rows.length,
            done_today: doneToday,
            kinds: [{ key: "call", label: "Call", icon: "fa-phone", count: rows.length }],
            people: false,
            detail: row ? makeDetail(row) : false,
            rights: { lead: false, write: true },
        };
    });
    onRpc("collection.worklist", "get_detail", ({ args }) => {
        const row = rows.find(({ id }) => id === args[0]);
        return row ? makeDetail(row) : false;
    });
});

async function openWorklist() {
    await mountWithCleanup(WebClient);
    await getService("action").doAction({ type: "ir.actions.client", tag: "collection.worklist" });
    await animationFrame();
}

async function strike(key) {
    await press(key);
    await animationFrame();
    await animationFrame();
}

const selected = () => document.querySelector(".o_worklist_selected")?.dataset.id;

test("words of the worklist", () => {
    allowTranslations();
    expect(String(duration(45))).toBe("45 min");
    expect(String(duration(95))).toBe("1 h 35 min");
    expect(hour(9.5)).toBe("09:30");
    expect(phoneUrl("+30 (210) 12-34")).toBe("tel:+302101234");
    expect(scoreText(makeRow(1))).toBe(
        "62: 45 days late +20, broke 2 promises +30, new customer -5"
    );
    expect(scoreText({ score: 0, reasons: [] })).toBe("0");
});

test("keys and what they stand for", () => {
    expect(nameOfKey("j")).toBe("_next");
    expect(nameOfKey("arrowup")).toBe("_previous");
    expect(nameOfKey("?")).toBe("_help");
    expect(nameOfKey("q")).toBe(undefined);
});

test("up and down with letters and arrows, not past the ends", async () => {
    await openWorklist();
    expect(selected()).toBe("1");
    expect(".o_worklist_list").toBeFocused();
    await strike("j");
    expect(selected()).toBe("2");
    await strike("ArrowDown");
    await strike("j");
    expect(selected()).toBe("3");
    await strike("k");
    await strike("ArrowUp");
    await strike("k");
    expect(selected()).toBe("1");
    expect(".o_worklist_row[aria-selected=true]").toHaveCount(1);
    expect(".o_worklist_pane h2").toHaveText("Customer 1");
});

test("letters of another alphabet work by their place on the keyboard", async () => {
    await openWorklist();
    document.activeElement.dispatchEvent(
        new KeyboardEvent("keydown", { key: "ח", code: "KeyJ", bubbles: true })
    );
    await animationFrame();
    await animationFrame();
    expect(selected()).toBe("2");
});

test("what is done leaves the list and the next takes its place", async () => {
    onRpc("collection.worklist", "run", ({ args }) => {
        expect.step(args.join(" "));
        rows = rows.filter(({ id }) => id !== args[0]);
        doneToday += 1;
        return false;
    });
    await openWorklist();
    await strike("j");
    await strike("d");
    expect.verifySteps(["2 done"]);
    expect(selected()).toBe("3");
    expect(".o_worklist_left").toHaveText("2 left to do");
    expect(".o_worklist_done").toHaveText("1 done today");
    await strike("d");
    await strike("d");
    expect.verifySteps(["3 done", "1 done"]);
    expect(".o_worklist_empty").toHaveCount(1);
});

test("Enter does what comes first", async () => {
    onRpc("collection.worklist", "run", ({ args }) => {
        expect.step(args[1]);
        return false;
    });
    await openWorklist();
    await strike("Enter");
    expect.verifySteps(["log"]);
});

test("a key without a button does nothing", async () => {
    onRpc("collection.worklist", "run", ({ args }) => expect.step(args[1]));
    await openWorklist();
    await strike("r");
    await strike("m");
    expect.verifySteps([]);
});

test("the telephone is called", async () => {
    onRpc("collection.worklist", "run", ({ args }) => ({
        type: "ir.actions.client",
        tag: "collection.dial",
        params: { phone: args[1] === "call" ? "+30 210 12-34" : "" },
    }));
    patchWithCleanup(browser, { open: (url) => expect.step(url) });
    await openWorklist();
    await strike("c");
    expect.verifySteps(["tel:+302101234"]);
    await contains(".o_worklist_call").click();
    expect.verifySteps(["tel:+302101234"]);
    expect(".o_worklist_buttons button").toHaveCount(4);
});

test("a dialog keeps the keys to itself, and gives them back", async () => {
    onRpc("collection.worklist", "run", () => ({
        type: "ir.actions.client",
        tag: "test_dialog",
        target: "new",
    }));
    let close;
    mockService("action", {
        doAction(action, options) {
            if (action?.tag === "test_dialog") {
                expect.step("dialog");
                close = options.onClose;
                return;
            }
            return super.doAction(...arguments);
        },
    });
    await openWorklist();
    await strike("s");
    expect.verifySteps(["dialog"]);
    close();
    await animationFrame();
    expect(".o_worklist_list").toBeFocused();
    expect(selected()).toBe("1");
});

test("what is typed while a dialog is on its way does nothing to the list", async () => {
    const answer = new Deferred();
    onRpc("collection.worklist", "run", ({ args }) => {
        expect.step(args[1]);
        return answer;
    });
    await openWorklist();
    await strike("l");
    // the first letters of the note, on a slow machine
    await strike("d");
    await strike("s");
    await strike("j");
    expect.verifySteps(["log"]);
    expect(selected()).toBe("1");
    answer.resolve(false);
    await animationFrame();
    await animationFrame();
    await strike("j");
    expect(selected()).toBe("2");
});

test("news from the server are looked at at once, several together", async () => {
    let reads = 0;
    onRpc("collection.worklist", "get_worklist", () => {
        reads += 1;
    });
    await openWorklist();
    rows = rows.filter(({ id }) => id !== 1);
    const news = "collection.worklist/look_again";
    getService("bus_service").subscribe(news, () => asyncStep("news"));
    MockServer.env["bus.bus"]._sendone("broadcast", news, {});
    MockServer.env["bus.bus"]._sendone("broadcast", news, {});
    await waitForSteps(["news", "news"]);
    await advanceTime(1000);
    await animationFrame();
    await animationFrame();
    expect(".o_worklist_row").toHaveCount(2);
    expect(selected()).toBe("2");
    expect(reads).toBe(2);
});

test("the keys are shown and hidden again", async () => {
    await openWorklist();
    await strike("?");
    expect(".o_worklist_help kbd:first").toHaveText("J");
    await strike("Escape");
    expect(".o_worklist_help").toHaveCount(0);
    await strike("h");
    expect(".o_worklist_help").toHaveCount(1);
    await contains(".o_worklist_help .btn-close").click();
    expect(".o_worklist_help").toHaveCount(0);
});

test("the score tells where it comes from", async () => {
    await openWorklist();
    await contains(".o_worklist_score_line").click();
    expect(".o_worklist_reasons li").toHaveCount(3);
    expect(".o_worklist_reasons li:nth-child(2)").toHaveText("broke 2 promises +30");
});

test("what somebody else has done vanishes when one looks at it", async () => {
    await openWorklist();
    rows = rows.filter(({ id }) => id !== 2);
    await strike("j");
    expect(".o_worklist_row").toHaveCount(2);
    expect(selected()).toBe("3");
});

test("what has gone vanishes while one looks on", async () => {
    await openWorklist();
    rows = rows.filter(({ id }) => id !== 1);
    await advanceTime(61000);
    await animationFrame();
    expect(".o_worklist_row").toHaveCount(2);
    expect(selected()).toBe("2");
});
