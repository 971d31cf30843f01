import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { money } from "./format";

// the command palette (CTRL+K) finds customers behind this character
const NAMESPACE = "$";

/** One customer in the command palette. */
export class CustomerCommand extends Component {
    static template = "collection.CustomerCommand";
    static props = {
        customer: Object,
        executeCommand: Function,
        name: String,
        searchValue: String,
        slots: Object,
    };

    get overdue() {
        const { amount_overdue, currency_id } = this.props.customer;
        return amount_overdue ? money(amount_overdue, currency_id) : "";
    }
}

registry.category("command_setup").add(NAMESPACE, {
    debounceDelay: 200,
    emptyMessage: _t("No customer found"),
    name: _t("customers in collections"),
    placeholder: _t("Search a customer: name, reference, VAT, phone, invoice …"),
});

registry.category("command_provider").add("collection.customers", {
    namespace: NAMESPACE,
    async provide(env, options) {
        if (!(await user.checkAccessRight("collection.profile", "read"))) {
            return [];
        }
        const customers = await env.services.orm.call("collection.profile", "screen_search", [
            options.searchValue || "",
        ]);
        return customers.map((customer) => ({
            Component: CustomerCommand,
            name: customer.name,
            props: { customer },
            action() {
                return env.services.action.doAction("collection.customer_screen", {
                    props: { resId: customer.id },
                });
            },
        }));
    },
});
