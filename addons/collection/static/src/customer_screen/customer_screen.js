import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { useSetupAction } from "@web/search/action_hook";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { arrangePanels } from "./customer_panels";
import { CustomerScreenModel } from "./customer_screen_model";
import { CustomerSearch } from "./customer_search";

/**
 * Everything about one customer on one screen. The customer is the `resId` of the address, so
 * that a reload of the browser shows the same one.
 */
export class CustomerScreen extends Component {
    static template = "collection.CustomerScreen";
    static components = { CustomerSearch, Dropdown, DropdownItem, Layout };
    static props = { ...standardActionServiceProps };
    static path = "collection-customer";
    static displayName = _t("Customer");

    setup() {
        this.rootRef = useRef("root");
        this.screen = useState(
            new CustomerScreenModel({
                orm: useService("orm"),
                action: useService("action"),
                notification: useService("notification"),
            })
        );
        useSetupAction({
            rootRef: this.rootRef,
            getLocalState: () => ({ profileId: this.screen.profileId }),
        });
        onWillStart(() => {
            const profileId = this.initialProfileId();
            if (profileId) {
                // not awaited: the frame shows at once, the panels follow
                this.show(profileId);
            }
        });
        useEffect(
            (name) => {
                if (name) {
                    this.env.config.setDisplayName(name);
                }
            },
            () => [this.screen.name]
        );
    }

    /** The customer asked for: gone back to, in the address, or given by the action. */
    initialProfileId() {
        const { action, resId, state } = this.props;
        const { context = {}, params = {} } = action;
        const ofProfile = !context.active_model || context.active_model === "collection.profile";
        return Number(
            state?.profileId ||
                resId ||
                params.profile_id ||
                params.resId ||
                (ofProfile && context.active_id) ||
                0
        );
    }

    /** @param {number} profileId */
    show(profileId) {
        this.props.updateActionState?.({ resId: profileId, active_id: false });
        return this.screen.open(profileId);
    }

    get areas() {
        return arrangePanels(this.screen.panels, this.screen.data);
    }

    get display() {
        return { controlPanel: {} };
    }

    get holdLabel() {
        return this.screen.header.hold ? _t("Lift hold") : _t("Put on hold");
    }
}

registry.category("actions").add("collection.customer_screen", CustomerScreen);
