-- from a copy of a production database nothing leaves, by hand neither
UPDATE collection_message SET state = 'cancelled', claim = NULL
 WHERE state IN ('planned', 'sending');
UPDATE ir_cron
   SET active = FALSE
 WHERE id IN (SELECT res_id FROM ir_model_data
               WHERE module = 'collection_message' AND model = 'ir.cron');
