import { Component } from "@odoo/owl";
import { customerPanels, panelProps } from "@collection/customer_screen/customer_panels";
import { day, moment } from "@collection/customer_screen/format";
import { PanelFrame } from "@collection/customer_screen/panel_frame";
import { _t } from "@web/core/l10n/translation";
import { hour } from "../worklist/worklist_words";

/** The next steps with the customer, each with what can be done, and what was closed last. */
export class PlannedPanel extends Component {
    static template = "collection_strategy.PlannedPanel";
    static components = { PanelFrame };
    static props = panelProps;

    setup() {
        Object.assign(this, { day, hour, moment });
    }

    get isCut() {
        return this.props.data.count > this.props.data.planned.length;
    }

    /** Do something with a step, as on the worklist. */
    async run(row, name) {
        const { screen } = this.props;
        const action = await screen.orm.call("collection.worklist", "run", [row.id, name]);
        return action ? screen.doAction(action) : screen.reload();
    }

    open(row) {
        return this.props.screen.openRecord("collection.action", row.id);
    }

    /** Score the customer and plan what is due, as the night does. */
    async planNow() {
        const { screen } = this.props;
        await screen.orm.call("collection.profile", "action_plan_now", [[screen.profileId]]);
        await screen.reload();
    }

    plan() {
        return this.props.screen.openWizard("collection.action", _t("Plan a Step"), {
            default_profile_id: this.props.screen.profileId,
        });
    }

    showCalendar() {
        const { screen } = this.props;
        return screen.doAction("collection_strategy.action_profile_calendar", {
            additionalContext: {
                active_id: screen.profileId,
                active_ids: [screen.profileId],
                active_model: "collection.profile",
            },
        });
    }
}

customerPanels.add("planned", { Component: PlannedPanel, area: "side" });
