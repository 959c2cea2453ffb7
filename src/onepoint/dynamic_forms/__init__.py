"""Special items: the fields a category adds to the common ones of a ticket, as versioned forms.

Owns form definitions (`FormDefinition`, named by a key that categories refer to) and their versions (`FormVersion`: a
schema in JSON, a number, draft → published → retired). A published version never changes; a ticket keeps the version it was
filled in with. The schema's format is described in `docs/how-to/special_items.md`.

For others: `queries.current_version(key)`, `validation.validate_items(schema, raw)`, `filling.build_form(version, …)`,
`display.display_items(version, items)`, the template `dynamic_forms/items.html`. Announces `form_published`.
"""
