import { toRaw } from "@odoo/owl";
import { registerMessageAction } from "@mail/core/common/message_actions";
import { _t } from "@web/core/l10n/translation";

// where the correspondence with customers stands
const MODELS = ["collection.case", "collection.profile", "collection.incoming"];

registerMessageAction("collection-save-documents", {
    condition: ({ message, thread }) =>
        MODELS.includes(thread?.model) && message.persistent && !message.isEmpty,
    icon: "fa fa-folder-o",
    name: _t("Save to the document file"),
    onSelected: async ({ message: msg, store }) => {
        const message = toRaw(msg);
        const env = (store || message.store).env;
        const action = await env.services.orm.call(
            "mail.message",
            "action_collection_save_documents",
            [[message.id]]
        );
        return env.services.action.doAction(action);
    },
    sequence: 75,
});
