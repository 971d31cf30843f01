import "@collection_strategy/simulation/simulation_runner";

import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { waitFor, waitForNone } from "@odoo/hoot-dom";
import { Deferred } from "@odoo/hoot-mock";
import {
    asyncStep,
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    waitForSteps,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Simulation extends models.Model {
    _name = "collection.strategy.simulation";

    told = fields.Integer();
    total = fields.Integer();
    truncated = fields.Boolean();

    _records = [{ id: 1, told: 2, total: 5, truncated: true }];
}

defineMailModels();
defineModels([Simulation]);

/** Open a simulation of which some is told in full; each call tells two rows more. */
async function openSimulation(before = () => {}) {
    onRpc("collection.strategy.simulation", "action_tell_more", async function ({ args }) {
        asyncStep("more");
        await before();
        const [record] = this.env["collection.strategy.simulation"].browse(args[0]);
        const told = Math.min(record.told + 2, record.total);
        this.env["collection.strategy.simulation"].write(args[0], {
            told,
            truncated: told < record.total,
        });
        return true;
    });
    await mountView({
        type: "form",
        resModel: "collection.strategy.simulation",
        resId: 1,
        arch: /* xml */ `
            <form>
                <field name="told" invisible="1"/>
                <field name="total" invisible="1"/>
                <field name="truncated" invisible="1"/>
                <widget name="collection_simulation_runner" invisible="not truncated"/>
                <div class="all_told" invisible="truncated">All told</div>
            </form>`,
    });
}

test("the rest is told part by part", async () => {
    await openSimulation();
    expect(".progress-bar").toHaveStyle({ width: "40%" }, { inline: true });
    await contains(".o_collection_simulation_all").click();
    await waitFor(".all_told");
    await waitForSteps(["more", "more"]);
});

test("telling can be stopped", async () => {
    const deferred = new Deferred();
    await openSimulation(() => deferred);
    await contains(".o_collection_simulation_all").click();
    await contains(".o_collection_simulation_stop").click();
    deferred.resolve();
    await waitFor(".o_collection_simulation_all");
    await waitForNone(".all_told");
    await waitForSteps(["more"]);
});
