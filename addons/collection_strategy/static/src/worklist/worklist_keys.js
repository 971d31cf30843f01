import { _t } from "@web/core/l10n/translation";

/**
 * The keys of the worklist. What a key does with the chosen row is named as the server names its
 * buttons; names that begin with "_" are done by the client alone.
 */
export const KEYS = [
    { keys: ["j", "arrowdown"], shown: ["J", "↓"], name: "_next", label: _t("Next row") },
    { keys: ["k", "arrowup"], shown: ["K", "↑"], name: "_previous", label: _t("Previous row") },
    { keys: ["enter"], shown: ["Enter"], name: "_first", label: _t("Do what comes first") },
    { keys: ["c"], shown: ["C"], name: "call", label: _t("Call") },
    { keys: ["l"], shown: ["L"], name: "log", label: _t("Log the call or contact") },
    { keys: ["p"], shown: ["P"], name: "promise", label: _t("Record an agreed payment") },
    { keys: ["n"], shown: ["N"], name: "note", label: _t("Write a note") },
    { keys: ["e"], shown: ["E"], name: "email", label: _t("Write to the customer") },
    { keys: ["s"], shown: ["S"], name: "skip", label: _t("Skip, with a reason") },
    { keys: ["r"], shown: ["R"], name: "resubmit", label: _t("Resubmit on a day") },
    { keys: ["d"], shown: ["D"], name: "done", label: _t("Done") },
    { keys: ["o"], shown: ["O"], name: "open", label: _t("Open the customer screen") },
    {
        keys: ["m", "a", "x", "w"],
        shown: ["M", "A", "X", "W"],
        name: "_shown",
        label: _t("As shown on the buttons"),
    },
    { keys: ["u"], shown: ["U"], name: "_reload", label: _t("Look for news") },
    { keys: ["shift+?", "?", "h"], shown: ["?", "H"], name: "_help", label: _t("Show the keys") },
];

/** Which name a key stands for, if any. */
export function nameOfKey(hotkey) {
    return KEYS.find(({ keys }) => keys.includes(hotkey))?.name;
}
