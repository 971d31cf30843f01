-- a copy of a production database opens no cases and sends nothing by itself
UPDATE ir_cron
   SET active = FALSE
 WHERE id IN (SELECT res_id FROM ir_model_data
               WHERE module = 'collection' AND model = 'ir.cron');
UPDATE res_company SET collection_live = FALSE;
