DROP TABLE outbox;
DROP TABLE held_call;
DROP FUNCTION bump_data_version;
DROP TABLE data_version;
