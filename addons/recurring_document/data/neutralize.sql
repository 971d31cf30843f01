-- a copy of a production database bills, charges and sends nothing by itself
UPDATE ir_cron
   SET active = FALSE
 WHERE id IN (SELECT res_id FROM ir_model_data
               WHERE module = 'recurring_document' AND model = 'ir.cron');
