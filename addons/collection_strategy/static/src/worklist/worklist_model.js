import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";

const WORKLIST = "collection.worklist";
export const PAGE = 50;

/** What the worklist knows and does. */
export class WorklistModel {
    /**
     * @param {Object} services
     * @param {Object} services.orm
     * @param {Object} services.action
     * @param {Object} services.notification
     */
    constructor({ orm, action, notification }) {
        this.orm = orm;
        this.action = action;
        this.notification = notification;
        this.keepLast = new KeepLast();
        this.keepDetail = new KeepLast();
        this.scope = "mine";
        this.personId = null;
        this.kinds = [];
        this.offset = 0;
        this.selectedId = false;
        this.lang = null;
        this.rows = [];
        this.count = 0;
        this.left = 0;
        this.minutesLeft = 0;
        this.doneToday = 0;
        this.kindCounts = [];
        this.people = false;
        this.detail = false;
        this.rights = {};
        this.ready = false;
        this.loading = false;
        // something was asked for, and its dialog may still be on its way
        this.busy = false;
        this.announcement = "";
    }

    // -------------------------------------------------------------------------
    // Place: what is shown, kept while one looks at a customer
    // -------------------------------------------------------------------------

    getPlace() {
        const { scope, personId, kinds, offset, selectedId, lang } = this;
        return { scope, personId, kinds: [...kinds], offset, selectedId, lang };
    }

    setPlace(place) {
        Object.assign(this, place);
    }

    // -------------------------------------------------------------------------
    // Loading
    // -------------------------------------------------------------------------

    get index() {
        return this.rows.findIndex((row) => row.id === this.selectedId);
    }

    get selected() {
        return this.rows[this.index] || null;
    }

    get pageEnd() {
        return this.offset + this.rows.length;
    }

    /** Read the list again; the chosen row stays chosen, else the one in its place is. */
    async reload() {
        const index = this.index;
        const wanted = this.selectedId;
        this.loading = true;
        try {
            const page = await this.keepLast.add(
                this.orm.silent.call(WORKLIST, "get_worklist", [], {
                    scope: this.scope,
                    person_id: this.personId,
                    kinds: this.kinds.length ? this.kinds : null,
                    offset: this.offset,
                    limit: PAGE,
                    selected_id: wanted || null,
                    lang: this.lang,
                })
            );
            if (!page.rows.length && this.offset) {
                this.offset = Math.max(this.offset - PAGE, 0);
                return this.reload();
            }
            this.put(page);
            const gone = wanted && !page.rows.some((row) => row.id === wanted);
            if (gone && index > 0) {
                // the row was done: the one that took its place is next
                await this.select(page.rows[Math.min(index, page.rows.length - 1)]?.id || false);
            } else {
                this.selectedId = page.detail ? page.detail.id : false;
            }
        } finally {
            this.loading = false;
        }
    }

    put(page) {
        Object.assign(this, {
            rows: page.rows,
            count: page.count,
            left: page.left,
            minutesLeft: page.minutes_left,
            doneToday: page.done_today,
            kindCounts: page.kinds,
            people: page.people,
            detail: page.detail,
            rights: page.rights,
            ready: true,
        });
    }

    /**
     * Choose a row and read what the pane shows of it.
     *
     * @param {number|false} id
     */
    async select(id) {
        this.selectedId = id;
        if (!id) {
            this.detail = false;
            return;
        }
        await this.readDetail();
    }

    async readDetail() {
        const id = this.selectedId;
        const detail = await this.keepDetail.add(
            this.orm.silent.call(WORKLIST, "get_detail", [id], { lang: this.lang })
        );
        if (!detail) {
            // somebody else was faster
            return this.reload();
        }
        this.detail = detail;
    }

    /**
     * Go up or down; past the end of a page to the next one.
     *
     * @param {number} step
     */
    async move(step) {
        const target = this.index + step;
        if (target >= 0 && target < this.rows.length) {
            return this.select(this.rows[target].id);
        }
        if (step > 0 && this.pageEnd < this.count) {
            return this.turn(this.offset + PAGE);
        }
        if (step < 0 && this.offset) {
            await this.turn(Math.max(this.offset - PAGE, 0));
            return this.select(this.rows.at(-1)?.id || false);
        }
    }

    /** @param {number} offset */
    async turn(offset) {
        this.offset = offset;
        this.selectedId = false;
        await this.reload();
    }

    // -------------------------------------------------------------------------
    // Filters
    // -------------------------------------------------------------------------

    /**
     * @param {"mine"|"all"} scope
     * @param {number|null} personId with "all": only what this person has to do
     */
    async show(scope, personId = null) {
        Object.assign(this, { scope, personId, kinds: [], offset: 0, selectedId: false });
        await this.reload();
    }

    /** Show only a kind of work, or all again. */
    async toggleKind(kind) {
        this.kinds = this.kinds.includes(kind)
            ? this.kinds.filter((known) => known !== kind)
            : [...this.kinds, kind];
        Object.assign(this, { offset: 0, selectedId: false });
        await this.reload();
    }

    /** Read the script in another language. */
    async speak(lang) {
        this.lang = lang;
        await this.readDetail();
    }

    // -------------------------------------------------------------------------
    // Doing
    // -------------------------------------------------------------------------

    /**
     * Do something with the chosen row.
     *
     * @param {string} name of one of the buttons of the pane
     */
    async run(name) {
        const { detail } = this;
        const button = detail && detail.buttons.find((known) => known.name === name);
        if (!button || this.busy || detail.id !== this.selectedId) {
            return;
        }
        this.busy = true;
        try {
            await this.perform(name, detail);
        } finally {
            this.busy = false;
        }
    }

    async perform(name, detail) {
        const left = this.left;
        const action = await this.orm.call(WORKLIST, "run", [detail.id, name]);
        if (!action) {
            return this.afterwards(detail.row, left);
        }
        if (action.target !== "new") {
            return this.action.doAction(action);
        }
        let opened;
        const closed = new Promise((resolve) => {
            opened = this.action.doAction(action, { onClose: resolve });
        });
        await Promise.race([opened, closed]);
        // from here on the dialog has the keyboard
        this.busy = false;
        await closed;
        await this.afterwards(detail.row, left);
    }

    /** Read the list again and tell what became of a row. */
    async afterwards(row, leftBefore) {
        await this.reload();
        const stays = this.rows.some((known) => known.id === row.id);
        this.announcement =
            !stays && this.left < leftBefore
                ? _t("%(customer)s: off the list. %(left)s left.", {
                      customer: row.customer,
                      left: this.left,
                  })
                : "";
    }
}
