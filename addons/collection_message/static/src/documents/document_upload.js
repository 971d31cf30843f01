import { useService } from "@web/core/utils/hooks";
import { useFileUploader } from "@web/core/utils/files";

/**
 * Keep files in the document file, several at once.
 *
 * @returns {{files: Function, keep: Function}}
 */
export function useDocumentUpload() {
    const orm = useService("orm");
    const uploadFiles = useFileUploader();

    /**
     * Keep files that are on the server already.
     *
     * @param {{id: number}[]} uploaded what the upload route answered
     * @param {{model: string, resId: number}} owner the record they are kept at
     */
    async function keep(uploaded, { model, resId }) {
        const ids = (uploaded || []).map((file) => file.id).filter(Boolean);
        if (ids.length) {
            await orm.call("collection.document", "create_from_attachments", [ids, model, resId]);
        }
    }

    /**
     * Upload files and keep them.
     *
     * @param {File[]} files
     * @param {{model: string, resId: number}} owner
     */
    async function files(chosen, owner) {
        if (chosen.length) {
            const uploaded = await uploadFiles("/web/binary/upload_attachment", {
                csrf_token: odoo.csrf_token,
                ufile: chosen,
                model: "collection.document",
                id: 0,
            });
            await keep(uploaded, owner);
        }
    }

    return { files, keep };
}
