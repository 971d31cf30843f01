import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { customerPanels, panelProps } from "../customer_panels";
import { day, itemCount, lateness, money } from "../format";
import { PanelFrame } from "../panel_frame";

/** The customer's cases: open ones first, with their state and next step. */
export class CasesPanel extends Component {
    static template = "collection.CasesPanel";
    static components = { PanelFrame };
    static props = panelProps;

    setup() {
        this.day = day;
        this.itemCount = itemCount;
        this.lateness = lateness;
        this.money = money;
    }

    get isCut() {
        return this.props.data.count > this.props.data.cases.length;
    }

    open(row) {
        return this.props.screen.openRecord("collection.case", row.id);
    }

    showAll() {
        const { screen } = this.props;
        return screen.doAction({
            type: "ir.actions.act_window",
            name: _t("Cases of %s", screen.name),
            res_model: "collection.case",
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain: [["profile_id", "=", screen.profileId]],
        });
    }
}

customerPanels.add("cases", { Component: CasesPanel, area: "side" });
