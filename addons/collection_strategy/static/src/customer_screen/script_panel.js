import { Component, markup, onWillUpdateProps, useState } from "@odoo/owl";
import { customerPanels, panelProps } from "@collection/customer_screen/customer_panels";
import { PanelFrame } from "@collection/customer_screen/panel_frame";
import { useService } from "@web/core/utils/hooks";

/** What to say on the phone at the step the customer is at. */
export class ScriptPanel extends Component {
    static template = "collection_strategy.ScriptPanel";
    static components = { PanelFrame };
    static props = panelProps;

    setup() {
        this.orm = useService("orm");
        this.markup = markup;
        this.state = useState({ script: this.props.data });
        onWillUpdateProps((next) => {
            if (next.data !== this.props.data) {
                this.state.script = next.data;
            }
        });
    }

    /** @param {string} lang */
    async speak(lang) {
        const script = await this.orm.call(
            "collection.profile",
            "get_screen_script",
            [[this.props.screen.profileId]],
            { lang }
        );
        if (script) {
            this.state.script = script;
        }
    }
}

customerPanels.add("script", { Component: ScriptPanel, area: "main" });
