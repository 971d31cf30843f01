-- a copy of a production database asks no provider and tells no customer
UPDATE ir_cron
   SET active = FALSE
 WHERE id IN (SELECT res_id FROM ir_model_data
               WHERE module = 'payment_chargeback' AND model = 'ir.cron');
