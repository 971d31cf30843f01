import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { itemCount, money } from "./format";

// the smallest share of the bar that can still be seen and clicked, in per cent
const VISIBLE = 1.5;

/** How long amounts have been due: one stacked bar, and a legend that filters. */
export class AgeingBar extends Component {
    static template = "collection.AgeingBar";
    static props = {
        buckets: Array,
        currencyId: Number,
        selected: { type: [String, Boolean], optional: true },
        onSelect: Function,
    };

    get buckets() {
        const total = this.props.buckets.reduce((sum, { amount }) => sum + Math.max(amount, 0), 0);
        return this.props.buckets.map((bucket, index) => {
            const share = total ? (100 * Math.max(bucket.amount, 0)) / total : 0;
            return {
                ...bucket,
                className: `o_collection_age_${index}`,
                label: this.label(bucket),
                text: money(bucket.amount, this.props.currencyId),
                items: itemCount(bucket.count),
                width: bucket.amount > 0 ? Math.max(share, VISIBLE) : 0,
                percent: Math.round(share),
            };
        });
    }

    label({ low, high }) {
        if (low === null) {
            return high === 0 ? _t("Not due yet") : _t("Up to %s days", high);
        }
        return high === null ? _t("Over %s days", low - 1) : _t("%(low)s–%(high)s days", { low, high });
    }

    get summary() {
        return this.buckets
            .filter((bucket) => bucket.width)
            .map((bucket) => `${bucket.label}: ${bucket.text}`)
            .join(", ");
    }
}
