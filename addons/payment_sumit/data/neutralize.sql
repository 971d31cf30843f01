-- a copy of a production database reaches no SUMIT organisation and asks for nothing
UPDATE payment_provider
   SET sumit_company = NULL,
       sumit_api_key = NULL,
       sumit_public_key = NULL,
       sumit_merchant_number = NULL;
UPDATE ir_cron
   SET active = FALSE
 WHERE id IN (SELECT res_id FROM ir_model_data
               WHERE module = 'payment_sumit' AND model = 'ir.cron');
