DROP TRIGGER rag_document_version ON rag_document;
