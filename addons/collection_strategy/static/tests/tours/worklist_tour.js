import { registry } from "@web/core/registry";

const { DateTime } = luxon;

/** Press a key where the focus is. */
function press(content, keys, trigger = ".o_worklist_list:focus") {
    return { content, trigger, run: `press ${keys}` };
}

/** Go on with the tabulator until a field of the dialog has the focus. */
function tabTo(name) {
    return {
        content: `Go to ${name} with the tabulator`,
        trigger: `.modal .o_field_widget[name=${name}] :is(input, textarea)`,
        async run({ anchor, press }) {
            for (let step = 0; step < 25 && document.activeElement !== anchor; step++) {
                await press("Tab");
            }
            if (document.activeElement !== anchor) {
                throw new Error(`${name} cannot be reached with the tabulator`);
            }
        },
    };
}

/** Write into the field of a dialog that has the focus. */
function write(name, text) {
    return {
        content: `Write ${text}`,
        trigger: `.modal .o_field_widget[name=${name}] :is(input, textarea):focus`,
        run: `edit ${text}`,
    };
}

/** In a field, reached with the tabulator unless it has the focus, choose a suggestion. */
function choose(name, label) {
    return [
        tabTo(name),
        {
            content: `Search ${label}`,
            trigger: `.modal .o_field_widget[name=${name}] input`,
            run: `edit ${label}`,
        },
        {
            content: `${label} is suggested`,
            trigger: `.modal .o-autocomplete--dropdown-item:contains(${label})`,
            run: "press Enter",
        },
        {
            content: `${label} is chosen`,
            trigger: `.modal .o_field_widget[name=${name}]:not(:has(.o-autocomplete--dropdown-menu)) input:value(${label})`,
        },
    ];
}

const SAVE = press("Save the dialog", "Alt+q", ".modal .modal-footer button.btn-primary");

/** What is left, and who is next. */
function left(count, customer) {
    return {
        content: `${count} are left, next is ${customer}`,
        trigger: `body:not(:has(.modal)):has(.o_worklist_left:contains(${count})) .o_worklist_selected:contains(${customer})`,
    };
}

/** A whole morning's work, without the mouse. */
registry.category("web_tour.tours").add("collection_worklist_keyboard", {
    steps: () => [
        left(7, "Aegean Trading"),
        {
            content: "Whom to call and what to say stands beside it",
            trigger: ".o_worklist_pane:has(.o_worklist_call:contains('+30 210 7654321')) .o_worklist_script:contains(Good day Maria Pappa)",
        },
        press("Which keys are there?", "?"),
        press("These; close them", "Escape", ".o_worklist_help kbd:contains(J)"),
        press("Look at the next", "j", "body:not(:has(.o_worklist_help)) .o_worklist_list:focus"),
        left(7, "Beta Boats"),
        press("And back", "k"),
        left(7, "Aegean Trading"),

        press("Called, nobody answered: log it", "l"),
        ...choose("outcome_id", "No Answer"),
        SAVE,
        left(6, "Beta Boats"),

        press("They pay on Friday: record it", "p"),
        {
            content: "The dialog asks for the payment",
            trigger: ".modal .o_field_widget[name=outcome_id] input:value(Will Pay)",
        },
        tabTo("note"),
        write("note", "Pays by the end of the week"),
        tabTo("agreed_date"),
        write("agreed_date", DateTime.now().plus({ days: 3 }).toFormat("MM/dd/yyyy")),
        tabTo("agreed_way_id"),
        ...choose("agreed_way_id", "Bank Transfer"),
        SAVE,
        left(5, "Gamma Glass"),

        press("Write a note", "n"),
        write("body", "Ask for Petros"),
        press("Keep it", "Alt+s", ".modal .o_field_widget[name=body] textarea"),
        left(5, "Gamma Glass"),
        press("Look at a message to them", "e"),
        press("Not now", "Escape", ".modal .o_field_widget[name=template_id]"),
        left(5, "Gamma Glass"),
        press("Look at the customer", "o"),
        {
            content: "The note is there",
            trigger: ".o_collection_screen .o_collection_note:contains(Ask for Petros)",
        },
        {
            content: "And what is planned",
            trigger: ".o_collection_panel_planned .o_collection_planned[data-kind=call]",
        },
        press("Back to the worklist", "Alt+b", ".o_collection_screen"),
        left(5, "Gamma Glass"),
        press("They are away until Monday: put it off", "r"),
        write("reason", "Away until Monday"),
        SAVE,
        left(4, "Delta Docks"),

        press("No need to call: skip it", "s"),
        write("skip_reason", "Spoke to them yesterday"),
        SAVE,
        left(3, "Epsilon Eggs"),

        {
            content: "A mail came in",
            trigger: ".o_worklist_mail:contains(About your invoice)",
        },
        press("Read it", "Enter"),
        press("Read", "Escape", ".modal .o_form_view"),
        left(3, "Epsilon Eggs"),
        press("Done", "d"),
        left(2, "Zeta Zinc"),

        {
            content: "Nobody knows whether a message went out",
            trigger: ".o_worklist_do_was_sent",
        },
        press("It did", "a"),
        left(1, "Eta Engines"),

        press("A task: done", "Enter"),
        write("reason", "Booked"),
        SAVE,
        {
            content: "That was the morning",
            trigger: ".o_worklist_empty:contains(Nothing is left to do)",
        },
    ],
});
