import { Component, onWillUpdateProps, useState } from "@odoo/owl";
import { CheckBox } from "@web/core/checkbox/checkbox";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { customerPanels, panelProps } from "../customer_panels";
import { ageingClass, day, lateness, money } from "../format";
import { PanelFrame } from "../panel_frame";

/** The open items: filter, sort, select, and put the selected ones in a case, or keep them out. */
export class ItemsPanel extends Component {
    static template = "collection.ItemsPanel";
    static components = { CheckBox, Dropdown, DropdownItem, PanelFrame };
    static props = panelProps;

    setup() {
        this.day = day;
        this.money = money;
        this.state = useState({ selected: new Set() });
        onWillUpdateProps(({ screen }) => {
            // what is gone from the list is not selected any more
            const shown = new Set(screen.items.rows.map((row) => row.id));
            for (const id of this.state.selected) {
                if (!shown.has(id)) {
                    this.state.selected.delete(id);
                }
            }
        });
    }

    // -------------------------------------------------------------------------
    // What is shown
    // -------------------------------------------------------------------------

    get items() {
        return this.props.screen.items;
    }

    get filters() {
        const filters = [
            { key: false, label: _t("All") },
            { key: "free", label: _t("In no case") },
            { key: "blocked", label: _t("Blocked") },
            { key: "credits", label: _t("Credits") },
        ];
        const { filter } = this.items;
        if (filter && !filters.some(({ key }) => key === filter)) {
            // a bucket of the ageing bar, which names it
            filters.push({ key: filter, label: _t("Age as chosen above") });
        }
        return filters;
    }

    get title() {
        return this.items.filter === "credits" ? _t("Unapplied credits") : _t("Open items");
    }

    get hasMore() {
        return this.items.rows.length < this.items.count;
    }

    get shownText() {
        return _t("%(shown)s of %(count)s", {
            shown: this.items.rows.length,
            count: this.items.count,
        });
    }

    get total() {
        return money(this.items.amount, this.props.data.currency_id);
    }

    late(item) {
        return item.side === "debit" && item.days_late > 0;
    }

    lateness(item) {
        return item.side === "debit" ? lateness(item.days_late) : _t("credit");
    }

    ageClass(item) {
        const buckets = this.props.screen.data.money?.ageing;
        return item.side === "debit" && buckets ? ageingClass(item.days_late, buckets) : "";
    }

    isForeign(item) {
        return item.currency_id !== item.company_currency_id;
    }

    /** Everything that keeps an item from being asked for, for the tooltip of its mark. */
    blockText(block, item) {
        return [
            block.label,
            money(block.amount, item.company_currency_id),
            block.until ? _t("until %s", day(block.until)) : "",
            block.reason,
        ]
            .filter(Boolean)
            .join(" · ");
    }

    keptOutText(item) {
        return [_t("Kept out of cases until %s", day(item.kept_out)), item.kept_out_reason]
            .filter(Boolean)
            .join(": ");
    }

    // -------------------------------------------------------------------------
    // Selection
    // -------------------------------------------------------------------------

    get selectedIds() {
        return [...this.state.selected];
    }

    get selectedText() {
        const rows = this.items.rows.filter((row) => this.state.selected.has(row.id));
        const amount = rows.reduce((sum, row) => sum + row.amount_company, 0);
        return _t("%(count)s selected: %(amount)s", {
            count: rows.length,
            amount: money(amount, this.props.data.currency_id),
        });
    }

    get canSelect() {
        const { open_case: openCase, items } = this.props.screen.rights;
        return (openCase || items) && this.items.filter !== "credits";
    }

    get allSelected() {
        return this.items.rows.length > 0 && this.state.selected.size === this.items.rows.length;
    }

    toggle(id) {
        if (!this.state.selected.delete(id)) {
            this.state.selected.add(id);
        }
    }

    toggleAll() {
        const ids = this.allSelected ? [] : this.items.rows.map((row) => row.id);
        this.state.selected = new Set(ids);
    }

    // -------------------------------------------------------------------------
    // Actions
    // -------------------------------------------------------------------------

    get openCases() {
        const { cases = [] } = this.props.screen.data.cases || {};
        return cases.filter((row) => row.state !== "completed");
    }

    async run(callback) {
        await callback();
        this.state.selected = new Set();
    }

    openCase() {
        return this.run(() => this.props.screen.openCase(this.selectedIds));
    }

    addToCase(caseId) {
        return this.run(() => this.props.screen.addToCase(caseId, this.selectedIds));
    }

    keepOut() {
        return this.props.screen.openItemsWizard(
            "collection.item.keep.out.wizard",
            _t("Keep Out of Cases"),
            this.selectedIds
        );
    }

    block() {
        return this.props.screen.openItemsWizard(
            "collection.item.block.wizard",
            _t("Block"),
            this.selectedIds
        );
    }

    openDocument(item) {
        return item.move_id
            ? this.props.screen.openRecord("account.move", item.move_id)
            : this.props.screen.openRecord("collection.item", item.id);
    }
}

customerPanels.add("items", { Component: ItemsPanel, area: "main" });
