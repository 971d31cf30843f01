import { registry } from "@web/core/registry";

const row = (text) => `.o_list_view .o_data_row:contains(${text})`;

/** Look through the inbox: choose a customer, answer, and see to the rest on the customer screen. */
registry.category("web_tour.tours").add("collection_inbox", {
    steps: () => [
        {
            content: "A stranger has written",
            trigger: `${row("Who are you")} .o_data_cell[name='subject']`,
            run: "click",
        },
        {
            content: "Choose whose mail it is",
            trigger: "button[name='action_choose_customer']",
            run: "click",
        },
        {
            content: "Type the customer",
            trigger: ".modal .o_field_widget[name='profile_id'] input",
            run: "edit Aegean",
        },
        {
            content: "Take it",
            trigger: ".o-autocomplete--dropdown-item:contains(Aegean Trading)",
            run: "click",
        },
        {
            content: "File it",
            trigger: ".modal button[name='action_choose']",
            run: "click",
        },
        {
            content: "It is filed; answer",
            trigger:
                "body:not(:has(.modal)) .o_form_view:has(.o_field_widget[name='case_id']) button[name='action_reply']",
            run: "click",
        },
        {
            content: "Write, above what was asked",
            trigger:
                ".modal .o_field_widget[name='body'] .odoo-editor-editable:has(blockquote) p:first",
            run: "editor We are your supplier.",
        },
        {
            content: "Send",
            trigger: ".modal footer button[name='action_send']:contains(Send)",
            run: "click",
        },
        {
            content: "Back on the mail, go to the customer screen",
            trigger: "body:not(:has(.modal)) button[name='action_open_customer_screen']",
            run: "click",
        },
        {
            content: "Another mail waits: it is done",
            trigger:
                ".o_collection_entry:contains(We have paid):has(.o_collection_unread) .o_collection_incoming_done",
            run: "click",
        },
        {
            content: "Nothing is unread, and the answer stands in the stream",
            trigger:
                ".o_collection_stream:not(:has(.o_collection_unread)) .o_collection_entry_out:contains(We are your supplier)",
        },
    ],
});
