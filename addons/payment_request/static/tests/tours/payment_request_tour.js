import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("payment_request_work", {
    steps: () => [
        {
            content: "a new document",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "a payment request rather than a pro-forma",
            trigger: ".o_field_widget[name=kind] input[data-value=request]",
            run: "click",
        },
        {
            content: "for a customer",
            trigger: ".o_field_widget[name=partner_id] input",
            run: "edit Aegean Trading",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Aegean Trading')",
            run: "click",
        },
        {
            content: "a line",
            trigger: ".o_field_x2many_list_row_add a:contains('Add a line')",
            run: "click",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=name] textarea",
            run: "edit Retainer",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=price_unit] input",
            run: "edit 400",
        },
        {
            content: "number it",
            trigger: "button[name=action_confirm]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current[data-value=sent]",
        },
        {
            content: "a part is paid",
            trigger: "button[name=action_register_payment]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=amount] input",
            run: "edit 150",
        },
        {
            trigger: ".modal button[name=action_register]",
            run: "click",
        },
        {
            content: "the invoice opens and leads back",
            trigger: "button[name=action_view_payment_requests]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current[data-value=partly_paid]",
        },
        {
            trigger: "button[name=action_view_invoices]",
        },
    ],
});

registry.category("web_tour.tours").add("payment_request_portal", {
    url: "/my/payment-requests",
    steps: () => [
        {
            content: "the customer pays from the list",
            trigger: "a[title='Pay Now']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the payment form is open",
            trigger: "#pay_with.show .o_payment_form",
        },
    ],
});
