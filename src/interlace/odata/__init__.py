"""OData v4 as sans-IO values, for the client's and the server's role alike.

Where to find what (import from the modules):

- `protocol_error`: `ProtocolError` and its kinds; everything that parses raises one of them.
- `literals`: `parse_literal` / `format_literal` (URL literals), `parse_moment`, `format_moment`, ...
- `wire_values`: `read_wire` / `write_wire`: JSON values by Edm type; `json_decoder`, `json_encoder` (exact).
- `edm`: the entity model; `metadata`: `render_metadata`, `service_document_body`,
  `parse_service_document`; `metadata_reader`: `parse_metadata`.
- `keys`: `KeyPredicate`, `format_key` (percent-encoded), `parse_key_predicate`.
- `resource_path`: `parse_path(raw)` -> `ResourcePath` of `Segment`s.
- `query_options`: `parse_query(raw, ERP_QUERY_POLICY | CRM_QUERY_POLICY)` -> `QueryOptions`; `.to_query()`.
- `filter_expression`: the `$filter` tree (nodes in `filter_nodes`, text in `filter_text`),
  `Field("No").eq("x")`, `all_of`, `any_of`, `in_chunks`, `format_filter`, `rename_members`, `members_of`,
  `or_over_different_members`.
- `filter_parser`: `parse_filter(text)`; `filter_evaluation`: `compile_record_filter(tree, rules)`,
  `evaluate`, `resolve_aliases`; `filter_sql`: `to_sql(tree, column_for, text_rules)` -> `SqlSplit`.
- `entity`: `collection_body`, `entity_body`, `with_members`, `with_etag`; client: `parse_page`,
  `parse_deleted_entry`.
- `paging`: `encode_token` / `decode_token`; client: `NextLinks`.
- `etag`: `EntityTag`, `check_precondition`; `prefer`: `parse_prefer`, `Preferences`.
- `error_response`: `ErrorBody`, `crm_error_body`, `erp_error_body`, `parse_error_body`.
- `batch`: values, `target_of` (addresses of all kinds), `resolve_references` (`$1`), `correlate`;
  `multipart_batch`, `json_batch`: requests and responses of `$batch`, both roles.
"""
