-- Addresses of the records of the variants.
FROM address_links SEMI JOIN variant_links USING (source, record_id)
