import { registry } from "@web/core/registry";

/** See on the customer screen why a charge failed, and charge again from there. */
registry.category("web_tour.tours").add("collection_charge_panel", {
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
            content: "The charge failed, and the screen says why",
            trigger: ".o_collection_charge[data-state='failed']:contains(Lost or Stolen Card)",
        },
        {
            content: "It is said above as well",
            trigger: ".o_collection_alerts:contains(Lost or Stolen Card)",
        },
        {
            content: "Charge again",
            trigger: ".o_collection_charge_now",
            run: "click",
        },
        {
            content: "What is due is picked on the charging screen",
            trigger: ".o_field_widget[name=amount] input:value(1,000.00)",
        },
    ],
});
