import { registry } from "@web/core/registry";

/** See on the customer screen what the customer pays for, and open what was paused. */
registry.category("web_tour.tours").add("collection_recurring_panel", {
    steps: () => [
        {
            content: "Search the customer by name",
            trigger: ".o_collection_search input",
            run: "edit aegean",
        },
        {
            content: "Choose it",
            trigger: ".o_collection_search .o-autocomplete--dropdown-item:contains(Aegean Trading)",
            run: "click",
        },
        {
            content: "It is said above that one was paused after a failed charge",
            trigger: ".o_collection_alerts:contains(Paused after a failed charge: Data line)",
        },
        {
            content: "What stands out comes first, with what became of the last period",
            trigger:
                ".o_collection_recurring:first[data-state='paused']:contains(Not Collected):contains(Data line)",
        },
        {
            content: "The other one runs, and tells what it is for and how much it is",
            trigger: ".o_collection_recurring[data-state='running']:contains(Hosting):contains(48.00)",
        },
        {
            content: "Open the one that was paused",
            trigger: ".o_collection_recurring[data-state='paused'] .o_collection_open_recurring",
            run: "click",
        },
        {
            content: "There it is",
            trigger: ".o_form_view .o_field_widget[name=title] input:value(Data line)",
        },
    ],
});
