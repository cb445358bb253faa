DROP TABLE lot_hold;
DROP TABLE trace_void;
DROP TABLE trace_event_lot;
DROP TABLE trace_event;
DROP TABLE lot;
DROP TABLE product_master;
DROP TABLE party;
DROP TABLE place;
