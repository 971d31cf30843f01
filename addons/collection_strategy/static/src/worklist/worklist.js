import {
    Component,
    markup,
    onMounted,
    onWillStart,
    onWillUnmount,
    useEffect,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import { day, itemCount, lateness, moment, money } from "@collection/customer_screen/format";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { browser } from "@web/core/browser/browser";
import { getActiveHotkey } from "@web/core/hotkeys/hotkey_service";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { KEYS, nameOfKey } from "./worklist_keys";
import { PAGE, WorklistModel } from "./worklist_model";
import { duration, hour, phoneUrl, scoreText } from "./worklist_words";

// looking again more often than this tells nothing new
const FRESH_MS = 5000;
// what has gone meanwhile vanishes, also while nobody touches anything
const LOOK_MS = 60000;
// the server tells of news; several at once are looked at together
const NEWS = "collection.worklist/look_again";
const NEWS_MS = 400;
const EDITABLE = "input, textarea, select, [contenteditable=true], .o-autocomplete";
// elements that do something of their own when Enter is pressed on them
const PRESSABLE = "a, button, summary, [role=menuitem]";

/** The day's work of a debt manager, in order, with what to know and to say beside it. */
export class Worklist extends Component {
    static template = "collection_strategy.Worklist";
    static components = { Dropdown, DropdownItem, Layout };
    static props = { ...standardActionServiceProps };
    static path = "collection-worklist";
    static displayName = _t("My Worklist");

    setup() {
        this.rootRef = useRef("root");
        this.listRef = useRef("list");
        this.ui = useService("ui");
        this.list = useState(
            new WorklistModel({
                orm: useService("orm"),
                action: useService("action"),
                notification: useService("notification"),
            })
        );
        this.state = useState({ help: false, reasons: false });
        Object.assign(this, { KEYS, PAGE, day, duration, hour, itemCount, lateness, markup });
        Object.assign(this, { moment, money, phoneUrl, scoreText });
        this.readAt = 0;
        this.hasNews = false;
        useSetupAction({
            rootRef: this.rootRef,
            getLocalState: () => ({ place: this.list.getPlace() }),
        });
        onWillStart(async () => {
            if (this.props.state?.place) {
                this.list.setPlace(this.props.state.place);
            }
            await this.reload();
        });
        onMounted(() => {
            this.focusList();
            this.timer = browser.setInterval(() => this.refresh(), LOOK_MS);
        });
        onWillUnmount(() => browser.clearInterval(this.timer));
        useExternalListener(window, "keydown", (ev) => this.onKeydown(ev));
        useExternalListener(window, "focus", () => this.refresh());
        useBus(this.ui.bus, "active-element-changed", () => {
            this.focusList();
            if (this.hasNews) {
                this.look();
            }
        });
        const busService = useService("bus_service");
        this.look = useDebounced(() => this.refresh(), NEWS_MS);
        const onNews = () => {
            this.hasNews = true;
            this.look();
        };
        onMounted(() => {
            busService.subscribe(NEWS, onNews);
            busService.start();
        });
        onWillUnmount(() => busService.unsubscribe(NEWS, onNews));
        useEffect(
            () => {
                this.state.reasons = false;
                this.rowElement?.scrollIntoView({ block: "nearest" });
            },
            () => [this.list.selectedId, this.list.rows.length]
        );
    }

    // -------------------------------------------------------------------------
    // Loading
    // -------------------------------------------------------------------------

    async reload() {
        this.readAt = Date.now();
        this.hasNews = false;
        await this.list.reload();
    }

    /**
     * Look again when the user comes back or the server tells of news; what has gone meanwhile
     * vanishes. News that come while a dialog is open wait until it is closed.
     */
    async refresh() {
        if (document.visibilityState === "hidden") {
            return;
        }
        const open = this.ui.activeElement !== document;
        const stale = this.hasNews || Date.now() - this.readAt > FRESH_MS;
        if (!open && !this.list.busy && stale) {
            await this.reload();
        }
    }

    // -------------------------------------------------------------------------
    // Keyboard
    // -------------------------------------------------------------------------

    get rowElement() {
        return this.listRef.el?.querySelector(`[data-id="${this.list.selectedId}"]`);
    }

    focusList() {
        if (this.ui.activeElement === document && !document.activeElement?.closest(EDITABLE)) {
            this.listRef.el?.focus({ preventScroll: true });
        }
    }

    /** @param {KeyboardEvent} ev */
    onKeydown(ev) {
        if (this.state.help && ev.key === "Escape") {
            this.state.help = false;
            ev.preventDefault();
            return;
        }
        if (
            ev.defaultPrevented ||
            ev.altKey ||
            ev.ctrlKey ||
            ev.metaKey ||
            this.ui.isBlocked ||
            this.ui.activeElement !== document ||
            ev.target.closest?.(EDITABLE)
        ) {
            return;
        }
        const hotkey = ev.key === "?" ? "?" : getActiveHotkey(ev);
        if (hotkey === "enter" && ev.target.closest?.(PRESSABLE)) {
            return;
        }
        const button = this.buttons.find(({ key }) => key === hotkey);
        const name = button ? button.name : nameOfKey(hotkey);
        if (!name) {
            return;
        }
        ev.preventDefault();
        if (this.list.busy) {
            // a dialog is on its way: what is typed meanwhile is not meant for the list
            return;
        }
        if (!ev.repeat || name === "_next" || name === "_previous") {
            this.press(name);
        }
    }

    /** Do what a key stands for. */
    press(name) {
        const own = {
            _next: () => this.list.move(1),
            _previous: () => this.list.move(-1),
            _first: () => this.run(this.shownButtons[0]?.name),
            // no button has this key just now
            _shown: () => {},
            _reload: () => this.reload(),
            _help: () => {
                this.state.help = !this.state.help;
            },
        };
        return own[name] ? own[name]() : this.run(name);
    }

    // -------------------------------------------------------------------------
    // Doing
    // -------------------------------------------------------------------------

    get detail() {
        const { detail, selectedId } = this.list;
        return detail && detail.id === selectedId ? detail : false;
    }

    get buttons() {
        return this.detail ? this.detail.buttons : [];
    }

    get shownButtons() {
        return this.buttons.filter((button) => !button.hidden);
    }

    get mayCall() {
        return this.buttons.some(({ name }) => name === "call");
    }

    async run(name) {
        if (name) {
            await this.list.run(name);
            this.readAt = Date.now();
            this.focusList();
            if (this.hasNews) {
                this.look();
            }
        }
    }

    select(row) {
        this.focusList();
        return this.list.select(row.id);
    }

    // -------------------------------------------------------------------------
    // What is shown
    // -------------------------------------------------------------------------

    get display() {
        return { controlPanel: {} };
    }

    get share() {
        const { left, doneToday } = this.list;
        return left + doneToday ? Math.round((100 * doneToday) / (left + doneToday)) : 100;
    }

    get leftText() {
        return _t("%s left to do", this.list.left);
    }

    get doneText() {
        return _t("%s done today", this.list.doneToday);
    }

    get minutesText() {
        return _t("about %s", duration(this.list.minutesLeft));
    }

    get scopeLabel() {
        const { people, personId, scope } = this.list;
        if (scope === "mine") {
            return _t("My work");
        }
        if (personId === null) {
            return _t("Everybody's");
        }
        return (people || []).find(({ id }) => id === personId)?.name || _t("Nobody by name");
    }
}

registry.category("actions").add("collection.worklist", Worklist);

/** Have the phone of the user's computer dial. */
registry.category("actions").add("collection.dial", (env, action) => {
    browser.open(phoneUrl(action.params.phone), "_self");
    return { type: "ir.actions.act_window_close" };
});
