import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { contains, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { PlannedPanel } from "@collection_strategy/customer_screen/planned_panel";
import { ScorePanel } from "@collection_strategy/customer_screen/score_panel";
import { ScriptPanel } from "@collection_strategy/customer_screen/script_panel";

describe.current.tags("desktop");
defineMailModels();

const STEP = {
    id: 5,
    kind: "call",
    kind_label: "Call",
    is_work: true,
    state: "planned",
    state_label: "To Do",
    why: "45 days late",
    rule: "Second call",
    planned_for: "2026-01-05",
    time: 9.5,
    is_due: true,
    user: { id: 7, name: "Noa" },
    closed_on: false,
    closed_by: "",
    close_reason: "",
    buttons: [
        { name: "log", label: "Log the call" },
        { name: "skip", label: "Skip" },
    ],
};
const PLANNED = { count: 1, planned: [STEP], closed: [], may_create: true, may_plan: true };

/** A customer screen that tells what it is asked for. */
function anyScreen() {
    return {
        profileId: 3,
        orm: {
            async call(model, method, args) {
                expect.step(`${model} ${method} ${args.flat().join(" ")}`);
                return args[1] === "log" && { type: "dialog" };
            },
        },
        doAction: (action) => expect.step(`opened ${action.type || action}`),
        openRecord: (model, id) => expect.step(`${model} ${id}`),
        openWizard: (model) => expect.step(`new ${model}`),
        reload: () => expect.step("reload"),
    };
}

test("a step says what, when and why, and what can be done with it", async () => {
    await mountWithCleanup(PlannedPanel, { props: { data: PLANNED, screen: anyScreen() } });
    expect(".o_collection_planned").toHaveCount(1);
    expect(".o_collection_planned").toHaveText(/45 days late/);
    expect(".o_collection_planned").toHaveText(/09:30/);
    await contains(".o_collection_do_log").click();
    expect.verifySteps(["collection.worklist run 5 log", "opened dialog"]);
    await contains(".o_collection_do_skip").click();
    expect.verifySteps(["collection.worklist run 5 skip", "reload"]);
});

test("what is due is planned at once, or by hand", async () => {
    await mountWithCleanup(PlannedPanel, { props: { data: PLANNED, screen: anyScreen() } });
    await contains(".o_collection_plan_now").click();
    expect.verifySteps(["collection.profile action_plan_now 3", "reload"]);
    await contains(".o_collection_plan").click();
    expect.verifySteps(["new collection.action"]);
});

test("who only reads has nothing to press", async () => {
    const data = {
        ...PLANNED,
        planned: [{ ...STEP, buttons: [] }],
        may_create: false,
        may_plan: false,
    };
    await mountWithCleanup(PlannedPanel, { props: { data, screen: anyScreen() } });
    expect(".o_collection_planned").toHaveCount(1);
    expect(".o_collection_planned button").toHaveCount(0);
    expect(".o_collection_plan, .o_collection_plan_now").toHaveCount(0);
});

test("the score and each of its reasons", async () => {
    const data = {
        score: 25,
        reasons: [
            { text: "45 days late", points: 30 },
            { text: "new customer", points: -5 },
        ],
        strategy: { id: 2, name: "Standard" },
        by_hand: true,
        may_configure: true,
    };
    await mountWithCleanup(ScorePanel, { props: { data, screen: anyScreen() } });
    expect(".o_collection_score").toHaveText("25");
    expect(".o_collection_score_reasons li:first b").toHaveText("+30");
    expect(".o_collection_score_reasons li:last b").toHaveText("-5");
    await contains("a:contains(Standard)").click();
    expect.verifySteps(["collection.strategy 2"]);
});

test("a script is read in another language", async () => {
    const languages = [
        { code: "en_US", name: "English" },
        { code: "el_GR", name: "Greek" },
    ];
    const script = { id: 1, name: "First call", languages };
    onRpc("collection.profile", "get_screen_script", ({ kwargs }) => {
        expect.step(kwargs.lang);
        return { ...script, lang: "el_GR", html: "<p>Καλημέρα</p>" };
    });
    await mountWithCleanup(ScriptPanel, {
        props: {
            data: { ...script, lang: "en_US", html: "<p>Good day</p>" },
            screen: anyScreen(),
        },
    });
    expect(".o_collection_script p").toHaveText("Good day");
    await contains("select").select("el_GR");
    expect.verifySteps(["el_GR"]);
    expect(".o_collection_script p").toHaveText("Καλημέρα");
});
