import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("payment_charge_screen", {
    steps: () => [
        {
            content: "Choose the customer",
            trigger: ".o_field_widget[name=partner_id] input",
            run: "edit Aegean Trading",
        },
        {
            trigger: ".o-autocomplete--dropdown-item a:contains(Aegean Trading)",
            run: "click",
        },
        {
            content: "What is due is picked",
            trigger: ".o_field_widget[name=amount] input:value(100.00)",
        },
        {
            content: "Take the other document as well",
            trigger:
                ".o_field_widget[name=line_ids] .o_data_row:eq(1) .o_data_cell[name=picked] input",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=amount] input:value(170.00)",
        },
        {
            trigger: ".o_form_button_save_none, button[name=action_charge]:contains(Charge)",
        },
        {
            content: "Charge",
            trigger: "button[name=action_charge]:contains(Charge)",
            run: "click",
        },
        {
            content: "Yes, charge",
            trigger: ".modal .btn-primary",
            run: "click",
        },
        {
            content: "It was charged",
            trigger: ".alert-success:contains(Charged)",
        },
        {
            content: "See the charge itself",
            trigger: "button[name=action_open_attempt]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Succeeded)",
        },
    ],
});

registry.category("web_tour.tours").add("payment_charge_failed", {
    steps: () => [
        {
            content: "Open what failed",
            trigger: ".o_data_row:contains(Aegean Trading) .o_data_cell[name=reason_id]",
            run: "click",
        },
        {
            content: "It says what to do",
            trigger: ".o_field_widget[name=advice]:contains(speak to the bank)",
        },
        {
            content: "Try again",
            trigger: "button[name=action_try_again]",
            run: "click",
        },
        {
            trigger: ".modal .btn-primary",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Succeeded)",
        },
    ],
});

registry.category("web_tour.tours").add("payment_charge_batch", {
    steps: () => [
        {
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Look for what is due",
            trigger: "button[name=action_fill]:contains(Look for)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains(Aegean Trading)",
        },
        {
            trigger: "button[name=action_confirm]",
            run: "click",
        },
        {
            trigger: ".modal .btn-primary",
            run: "click",
        },
        {
            content: "The job does it; here is how far it is",
            trigger: ".o_field_widget[name=progress]",
        },
        {
            trigger: ".o_data_row:contains(Aegean Trading) .o_data_cell:contains(Planned)",
        },
    ],
});
