DROP TABLE suggestion_outcome;
DROP TABLE suggestion;
DROP TABLE feedback;
DROP TABLE tool_call_content;
DROP TABLE tool_call;
DROP TABLE turn_event;
DROP TABLE interaction_content;
DROP TABLE interaction;
