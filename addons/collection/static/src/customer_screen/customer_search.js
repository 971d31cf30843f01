import { Component } from "@odoo/owl";
import { AutoComplete } from "@web/core/autocomplete/autocomplete";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { money } from "./format";

/** A search box that finds a customer by whatever somebody on the phone can tell. */
export class CustomerSearch extends Component {
    static template = "collection.CustomerSearch";
    static components = { AutoComplete };
    static props = { onSelect: Function };

    setup() {
        this.orm = useService("orm");
        this.money = money;
        this.placeholder = _t("Name, reference, VAT, phone, invoice …");
    }

    get sources() {
        return [
            {
                placeholder: _t("Searching…"),
                optionSlot: "customer",
                options: (term) => this.search(term),
            },
        ];
    }

    async search(term) {
        const customers = await this.orm.silent.call("collection.profile", "screen_search", [
            term,
        ]);
        if (!customers.length) {
            return [{ label: _t("No customer found"), cssClass: "fst-italic text-muted" }];
        }
        return customers.map((customer) => ({
            label: customer.name,
            data: customer,
            onSelect: () => this.props.onSelect(customer.id),
        }));
    }
}
