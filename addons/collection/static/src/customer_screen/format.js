import {
    deserializeDate,
    deserializeDateTime,
    formatDate,
    toLocaleDateTimeString,
} from "@web/core/l10n/dates";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { formatMonetary } from "@web/views/fields/formatters";

// marks around what reads from left to right, also amid a language that does not
const LEFT_TO_RIGHT = "\u2066";
const END_OF_ISOLATE = "\u2069";

/** Keep sign, digits and currency of a number in their order. */
function isolate(text) {
    return localization.direction === "rtl" ? LEFT_TO_RIGHT + text + END_OF_ISOLATE : text;
}

/**
 * An amount as the user's locale and the currency write it.
 *
 * @param {number} amount
 * @param {number} currencyId
 */
export function money(amount, currencyId) {
    return isolate(formatMonetary(amount || 0, { currencyId }));
}

/**
 * A date of the server in the user's format.
 *
 * @param {string|false} value
 */
export function day(value) {
    return value ? formatDate(deserializeDate(value)) : "";
}

/**
 * A time of the server in the user's zone and locale.
 *
 * @param {string|false} value
 */
export function moment(value) {
    return value ? toLocaleDateTimeString(deserializeDateTime(value)) : "";
}

/**
 * How late something is, in words.
 *
 * @param {number} days since the due date; negative before it
 */
export function lateness(days) {
    if (days > 0) {
        return days === 1 ? _t("1 day late") : _t("%s days late", days);
    }
    if (days === 0) {
        return _t("Due today");
    }
    return days === -1 ? _t("Due tomorrow") : _t("Due in %s days", -days);
}

/**
 * The colour class of a number of days late, the same as in the ageing bar.
 *
 * @param {number} days
 * @param {{key: string, low: number|null, high: number|null}[]} buckets
 */
export function ageingClass(days, buckets) {
    const index = buckets.findIndex((bucket) => bucket.high === null || days <= bucket.high);
    return `o_collection_age_${Math.max(index, 0)}`;
}

/**
 * A number of items, in words.
 *
 * @param {number} count
 */
export function itemCount(count) {
    return count === 1 ? _t("1 item") : _t("%s items", count);
}
