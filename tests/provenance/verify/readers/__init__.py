"""The processes that read strangers' files: limited, replaced, distrusted, waited for."""
