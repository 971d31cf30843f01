import { Component, useRef, useState } from "@odoo/owl";
import { customerPanels, panelProps } from "@collection/customer_screen/customer_panels";
import { day } from "@collection/customer_screen/format";
import { PanelFrame } from "@collection/customer_screen/panel_frame";
import { _t } from "@web/core/l10n/translation";
import { useDropzone } from "@web/core/dropzone/dropzone_hook";
import { FileInput } from "@web/core/file_input/file_input";
import { useDocumentUpload } from "../documents/document_upload";
import { writeMessage } from "./write_message";

/** The document file: drop or upload files, open them, send them to the customer. */
export class DocumentsPanel extends Component {
    static template = "collection_message.DocumentsPanel";
    static components = { FileInput, PanelFrame };
    static props = panelProps;

    setup() {
        this.day = day;
        this.rootRef = useRef("root");
        this.state = useState({ selected: new Set() });
        this.upload = useDocumentUpload();
        useDropzone(
            this.rootRef,
            (ev) => this.onDrop(ev),
            "o_collection_dropzone",
            () => this.mayUpload
        );
    }

    get mayUpload() {
        return this.props.screen.rights.documents;
    }

    get owner() {
        return { model: "collection.profile", resId: this.props.screen.profileId };
    }

    get moreText() {
        return _t("All %s", this.props.data.count);
    }

    async onDrop(ev) {
        await this.upload.files([...ev.dataTransfer.files], this.owner);
        await this.props.screen.reload(["documents"]);
    }

    async onUpload(files) {
        await this.upload.keep(files, this.owner);
        await this.props.screen.reload(["documents"]);
    }

    open(row) {
        return this.props.screen.openRecord("collection.document", row.id);
    }

    openAll() {
        return this.props.screen.doAction("collection_message.action_document", {
            additionalContext: {
                active_model: "collection.profile",
                active_id: this.props.screen.profileId,
                search_default_partner_id: this.props.screen.header.partner_id,
            },
        });
    }

    toggle(id) {
        if (!this.state.selected.delete(id)) {
            this.state.selected.add(id);
        }
    }

    async write() {
        const ids = [...this.state.selected];
        this.state.selected = new Set();
        return writeMessage(this.props.screen, { channel: "email", document_ids: [[6, 0, ids]] });
    }

    statement() {
        return this.props.screen.openWizard(
            "collection.statement.wizard",
            _t("Statement of Account")
        );
    }
}

customerPanels.add("documents", { Component: DocumentsPanel, area: "side" });
