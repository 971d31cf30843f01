import { _t } from "@web/core/l10n/translation";

/**
 * How long work will take, in words.
 *
 * @param {number} minutes
 */
export function duration(minutes) {
    if (minutes < 60) {
        return _t("%s min", minutes);
    }
    return _t("%(hours)s h %(minutes)s min", {
        hours: Math.floor(minutes / 60),
        minutes: minutes % 60,
    });
}

/**
 * An hour of the day, as the server gives it.
 *
 * @param {number} value hours and their fractions
 */
export function hour(value) {
    const minutes = Math.round(value * 60);
    const pad = (number) => String(number).padStart(2, "0");
    return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

/**
 * The score and where it comes from, as one says it: "62: 45 days late +20, …".
 *
 * @param {{score: number, reasons: {text: string, points: number}[]}} row
 */
export function scoreText({ score, reasons }) {
    const parts = reasons.map(({ text, points }) => `${text} ${points > 0 ? "+" : ""}${points}`);
    return parts.length ? `${score}: ${parts.join(", ")}` : String(score);
}

/**
 * What a telephone, or the program that stands in for it, is called by.
 *
 * @param {string} phone
 */
export function phoneUrl(phone) {
    return `tel:${phone.replace(/[^\d+#*]/g, "")}`;
}
