// Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("recurring_document_run", {
    steps: () => [
        {
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Look what is due",
            trigger: "button[name=action_fill]:contains(Look What)",
            run: "click",
        },
        {
            content: "What will fail stands out",
            trigger: ".o_data_row.text-danger:contains(Carmel Systems):contains(no way to be charged)",
        },
        {
            content: "What changed is said",
            trigger: ".o_data_row:contains(Aegean Trading) .o_data_cell:contains(First time)",
        },
        {
            content: "Leave out what will fail",
            trigger: ".o_data_row:contains(Carmel Systems) .o_field_widget[name=taken] input",
            run: "click",
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
    ],
});

registry.category("web_tour.tours").add("recurring_document_resume", {
    steps: () => [
        {
            content: "Open the one that is paused",
            trigger: ".o_data_row:contains(Paused) .o_data_cell[name=partner_id]",
            run: "click",
        },
        {
            content: "It says why",
            trigger: ".alert-warning:contains(Away)",
        },
        {
            trigger: "button[name=action_resume]",
            run: "click",
        },
        {
            content: "Nothing of what was missed is billed at first",
            trigger: ".modal .o_field_widget[name=totals]:contains(Nothing)",
        },
        {
            trigger: ".modal .o_radio_item:contains(Last Missed) input",
            run: "click",
        },
        {
            content: "The preview follows the choice",
            trigger: ".modal .o_field_widget[name=totals]:contains(100)",
        },
        {
            trigger: ".modal button[name=action_resume]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Running)",
        },
    ],
});

registry.category("web_tour.tours").add("recurring_document_new", {
    steps: () => [
        {
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=partner_id] input",
            run: "edit Aegean",
        },
        {
            trigger: ".ui-menu-item a:contains(Aegean Trading)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=line_ids] .o_field_x2many_list_row_add a:contains(Add a line)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=name] textarea",
            run: "edit Hosting {month}",
        },
        {
            trigger: ".modal .o_field_widget[name=price_unit] input",
            run: "edit 80",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(Hosting)",
        },
        {
            trigger: "button[name=action_start]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Running)",
        },
    ],
});
