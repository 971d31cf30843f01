-- a copy of a production database sends no invoices
UPDATE ir_cron
   SET active = FALSE
 WHERE id IN (SELECT res_id FROM ir_model_data
               WHERE module = 'payment_request' AND model = 'ir.cron');
