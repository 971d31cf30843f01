import {
    click,
    contains,
    defineMailModels,
    openFormView,
    start,
    startServer,
} from "@mail/../tests/mail_test_helpers";
import { describe, test } from "@odoo/hoot";
import { asyncStep, getService, mockService, onRpc, waitForSteps } from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");
defineMailModels();

/** Open a record with one planned activity in its chatter, which asks for a contact or does not. */
async function openRecordWithActivity(asks) {
    const pyEnv = await startServer();
    const partnerId = pyEnv["res.partner"].create({});
    const activityId = pyEnv["mail.activity"].create({
        can_write: true,
        res_id: partnerId,
        res_model: "res.partner",
    });
    await start();
    await openFormView("res.partner", partnerId);
    await contains(".o-mail-Activity-markDone");
    getService("mail.store")["mail.activity"].get(activityId).collection_asks = asks;
    return activityId;
}

test("marking a call on a case as done asks for the contact", async () => {
    onRpc("mail.activity", "action_log_contact", ({ args }) => {
        asyncStep(`asked for activity ${args[0][0] === activityId}`);
        return { type: "ir.actions.act_window", res_model: "collection.contact.log.wizard" };
    });
    mockService("action", {
        doAction(action, options) {
            if (action?.res_model !== "collection.contact.log.wizard") {
                return super.doAction(...arguments);
            }
            asyncStep("dialog opened");
            options.onClose();
        },
    });
    const activityId = await openRecordWithActivity(true);
    await click(".o-mail-Activity-markDone");
    await waitForSteps(["asked for activity true", "dialog opened"]);
    await contains(".o-mail-ActivityMarkAsDone", { count: 0 });
});

test("other activities are marked as done the host's way", async () => {
    await openRecordWithActivity(false);
    await click(".o-mail-Activity-markDone");
    await contains(".o-mail-ActivityMarkAsDone");
});
