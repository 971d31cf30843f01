import { registry } from "@web/core/registry";

/** Search, filter, note, and walk through the customers. */
registry.category("web_tour.tours").add("collection_customer_screen", {
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
            content: "Three invoices are open",
            trigger: ".o_collection_header_name:contains(Aegean Trading)",
        },
        {
            content: "All of them are listed",
            trigger: ".o_collection_panel_items:has(.o_collection_item:nth-child(3))",
        },
        {
            content: "Only what is 31 to 60 days late",
            trigger: ".o_collection_ageing_bucket[data-bucket='31_60']",
            run: "click",
        },
        {
            content: "One is left",
            trigger: ".o_collection_panel_items:not(:has(.o_collection_item:nth-child(2)))",
        },
        {
            content: "Lift the filter",
            trigger: ".o_collection_ageing_bucket.active",
            run: "click",
        },
        {
            content: "All are back",
            trigger: ".o_collection_panel_items:has(.o_collection_item:nth-child(3))",
        },
        {
            content: "Write a note",
            trigger: ".o_collection_note_new textarea",
            run: "edit Pays on Fridays",
        },
        {
            content: "Add it",
            trigger: ".o_collection_note_new button:enabled",
            run: "click",
        },
        {
            content: "It is there",
            trigger: ".o_collection_note:contains(Pays on Fridays)",
        },
        {
            content: "Pin it",
            trigger: ".o_collection_note:contains(Pays on Fridays) .o_collection_pin",
            run: "click",
        },
        {
            content: "It is pinned",
            trigger: ".o_collection_pinned:contains(Pays on Fridays)",
        },
        {
            content: "Go on to the customer that owes less",
            trigger: ".o_collection_next:enabled",
            run: "click",
        },
        {
            content: "There it is",
            trigger: ".o_collection_header_name:contains(Carmel Systems)",
        },
        {
            content: "It has no notes",
            trigger: ".o_collection_panel_notes:not(:has(.o_collection_note))",
        },
        {
            content: "And back",
            trigger: ".o_collection_previous:enabled",
            run: "click",
        },
        {
            content: "The note is still there",
            trigger: ".o_collection_note:contains(Pays on Fridays)",
        },
    ],
});
