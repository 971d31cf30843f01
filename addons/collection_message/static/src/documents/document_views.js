import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useDropzone } from "@web/core/dropzone/dropzone_hook";
import { useService } from "@web/core/utils/hooks";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";
import { useDocumentUpload } from "./document_upload";

/** A view of documents on which files are dropped, or uploaded several at once. */
const documentUploads = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            this.documentAction = useService("action");
            this.documentUpload = useDocumentUpload();
            useDropzone(
                this.rootRef,
                (ev) => this.onDropDocuments([...ev.dataTransfer.files]),
                "o_collection_dropzone",
                () => Boolean(this.documentOwner)
            );
        }

        /** The customer, case or invoice whose file is shown; nothing in the list of all. */
        get documentOwner() {
            const { active_model: model, active_id: resId } = this.props.context;
            return model && resId && model !== "collection.document" ? { model, resId } : null;
        }

        async onDropDocuments(files) {
            await this.documentUpload.files(files, this.documentOwner);
            await this.model.load();
        }

        /** Open the dialog that takes several files at once. */
        onUploadDocuments() {
            return this.documentAction.doAction("collection_message.action_document_save", {
                additionalContext: this.documentOwner
                    ? {
                          active_model: this.documentOwner.model,
                          active_id: this.documentOwner.resId,
                      }
                    : { active_model: false, active_id: false },
                onClose: () => this.model.load(),
            });
        }

        get canUploadDocuments() {
            return this.props.archInfo.activeActions.create;
        }

        get uploadLabel() {
            return _t("Upload");
        }
    };

registry.category("views").add("collection_document_kanban", {
    ...kanbanView,
    Controller: documentUploads(KanbanController),
    buttonTemplate: "collection_message.DocumentButtons",
});

registry.category("views").add("collection_document_list", {
    ...listView,
    Controller: documentUploads(ListController),
    buttonTemplate: "collection_message.DocumentButtons",
});
