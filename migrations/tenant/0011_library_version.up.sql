-- Names of documents are part of what people may say: the lexicon is built anew when they change.
CREATE TRIGGER rag_document_version AFTER INSERT OR UPDATE OR DELETE ON rag_document
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('library.documents');
