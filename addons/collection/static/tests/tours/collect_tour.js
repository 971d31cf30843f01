import { registry } from "@web/core/registry";

const { DateTime } = luxon;

/** In a dialog, choose one of the suggestions of a field. */
function choose(name, label) {
    return [
        {
            content: `Search ${label}`,
            trigger: `.modal .o_field_widget[name=${name}] input`,
            run: `edit ${label}`,
        },
        {
            content: `Choose ${label}`,
            trigger: `.modal .o-autocomplete--dropdown-item:contains(${label})`,
            run: "click",
        },
    ];
}

/** A debt manager opens a case from the customer, calls, and agrees a payment. */
registry.category("web_tour.tours").add("collection_collect", {
    steps: () => [
        {
            content: "On the customer's form, go to the customer screen",
            trigger: "button[name=action_open_collection_customer]",
            run: "click",
        },
        {
            content: "Two invoices are owed, and there is no case yet",
            trigger: ".o_collection_screen:has(.o_collection_item:nth-child(2)):not(:has(.o_collection_case))",
        },
        {
            content: "Open a case with everything that is overdue",
            trigger: ".o_collection_open_case",
            run: "click",
        },
        {
            content: "The case stands among the customer's cases: go there",
            trigger: ".o_collection_case[data-state=not_started] a",
            run: "click",
        },
        {
            content: "On the case, log the call",
            trigger: ".o_form_view:has([name=open_case_item_ids]) .o_statusbar_buttons button:contains(Log a Contact)",
            run: "click",
        },
        ...choose("outcome_id", "Will Pay"),
        {
            content: "The customer pays in five days",
            trigger: ".modal .o_field_widget[name=agreed_date] input",
            run: `edit ${DateTime.now().plus({ days: 5 }).toFormat("MM/dd/yyyy")} && press Tab`,
        },
        {
            content: "Part of it",
            trigger: ".modal .o_field_widget[name=agreed_amount] input",
            run: "edit 750",
        },
        ...choose("agreed_way_id", "Bank Transfer"),
        {
            content: "Note what was said",
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Anna transfers on Friday",
        },
        {
            content: "Log it",
            trigger: ".modal button[name=action_log]",
            run: "click",
        },
        {
            content: "The case has moved to Promise",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Promise)",
        },
        {
            content: "The agreed payment is shown",
            trigger: ".o_field_widget[name=agreed_amount]:contains(750)",
        },
        {
            content: "And in which way it comes",
            trigger: ".o_field_widget[name=agreed_way_id]:contains(Bank Transfer)",
        },
        {
            content: "Back to the customer",
            trigger: "button[name=action_open_customer_screen]",
            run: "click",
        },
        {
            content: "It is agreed there too",
            trigger: ".o_collection_agreed:contains(750)",
        },
        {
            content: "The case is promised",
            trigger: ".o_collection_case[data-state=promise]",
        },
        {
            content: "And the call is in the correspondence",
            trigger: ".o_collection_panel_correspondence:contains(Anna transfers on Friday)",
        },
    ],
});
