import { registry } from "@web/core/registry";

/** A collection manager looks at what the rule would open, and confirms. */
registry.category("web_tour.tours").add("collection_start_page", {
    steps: () => [
        {
            content: "Nothing is live yet",
            trigger: ".o_form_view .alert:contains(Not live yet)",
        },
        {
            content: "The figures say what would open",
            trigger: ".o_field_widget[name=case_count]:contains(2)",
        },
        {
            content: "A stricter rule",
            trigger: ".o_field_widget[name=min_amount] input",
            run: "edit 800 && press Tab",
        },
        {
            content: "See what it would open",
            trigger: "button[name=action_recalculate]:contains(Save the Rule)",
            run: "click",
        },
        {
            content: "One case less",
            trigger: ".o_field_widget[name=case_count]:contains(1)",
        },
        {
            content: "Let it begin",
            trigger: "button[name=action_confirm]",
            run: "click",
        },
        {
            content: "Yes, it is meant",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is live",
            trigger: ".o_notification:contains(Collections are live)",
        },
        {
            content: "And the cases are shown",
            trigger: ".o_breadcrumb:contains(Cases)",
        },
    ],
});
