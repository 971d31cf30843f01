import { registry } from "@web/core/registry";

function dragged() {
    const dataTransfer = new DataTransfer();
    for (const name of ["delivery.txt", "photo.txt"]) {
        dataTransfer.items.add(new File([`Signed: ${name}`], name, { type: "text/plain" }));
    }
    return dataTransfer;
}

/** Drop files on the customer screen, send one, ask for more time. */
registry.category("web_tour.tours").add("collection_documents", {
    steps: () => [
        {
            content: "The file is empty",
            trigger: ".o_collection_panel_documents:contains(Drop files here)",
        },
        {
            content: "Drag two files over the screen",
            trigger: ".o_collection_panel_documents",
            run() {
                this.anchor.dispatchEvent(
                    new DragEvent("dragenter", { bubbles: true, dataTransfer: dragged() })
                );
            },
        },
        {
            content: "Drop them on the panel",
            trigger: ".o_collection_dropzone",
            run() {
                this.anchor.dispatchEvent(
                    new DragEvent("drop", { bubbles: true, dataTransfer: dragged() })
                );
            },
        },
        {
            content: "Both are in the file; choose one",
            trigger:
                ".o_collection_panel_documents:has(.o_collection_document:contains(photo.txt)) .o_collection_document:contains(delivery.txt) input",
            run: "check",
        },
        {
            content: "Send it",
            trigger: ".o_collection_send_documents",
            run: "click",
        },
        {
            content: "Look at what goes along",
            trigger: ".modal .nav-link:contains(What Goes Along)",
            run: "click",
        },
        {
            content: "The file is attached",
            trigger: ".modal .o_field_widget[name='document_ids'] .o_tag:contains(delivery.txt)",
        },
        {
            content: "Not now",
            trigger: ".modal .btn-close",
            run: "click",
        },
        {
            content: "More that can be done",
            trigger: "body:not(:has(.modal)) .o_collection_more_actions",
            run: "click",
        },
        {
            content: "Ask for more time",
            trigger: ".o_collection_more_time",
            run: "click",
        },
        {
            content: "Some days more",
            trigger: ".modal .o_field_widget[name='by'] input[data-value='days']",
            run: "click",
        },
        {
            content: "Say how many",
            trigger: ".modal .o_field_widget[name='days'] input",
            run: "edit 12 && press Tab",
        },
        {
            content: "The dialog says who decides",
            trigger: ".modal .o_field_widget[name='role_needed']:contains(Team Leader)",
        },
        {
            content: "Say why",
            trigger: ".modal .o_field_widget[name='reason'] textarea",
            run: "edit Waits for a subsidy",
        },
        {
            content: "Ask",
            trigger: ".modal button[name='action_ask']:enabled",
            run: "click",
        },
        {
            content: "The screen tells that it was asked for",
            trigger: ".o_collection_alert_extension:contains(Waits for a subsidy)",
        },
    ],
});

/** Save what a mail brought to the document file. */
registry.category("web_tour.tours").add("collection_save_from_mail", {
    steps: () => [
        {
            content: "Over the mail",
            trigger: ".o-mail-Message:contains(note.txt)",
            run: "hover && click .o-mail-Message:contains(note.txt) [title='Expand']",
        },
        {
            content: "Save its files",
            trigger: ".o-dropdown-item:contains(Save to the document file)",
            run: "click",
        },
        {
            content: "The file is there",
            trigger: ".modal .o_attachment:contains(note)",
        },
        {
            content: "Save",
            trigger: ".modal button[name='action_save']",
            run: "click",
        },
        {
            content: "It is saved",
            trigger: ".o_notification:contains(Saved to the document file)",
        },
    ],
});
