"""Rows of the provenance side: the log and one record per rendition."""
